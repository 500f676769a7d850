import { randomUUID } from 'node:crypto';
import { analyseInSteps, type Finding } from '../../core/model/analysis/index.ts';
import type { DetectorModelDefinition } from '../../core/model/definition.ts';
import type { Steps } from '../../core/model/steps.ts';
import type { Catalog } from '../../runtime/catalog/catalog.ts';
import { checkSize } from '../../runtime/catalog/definition-size.ts';
import { Fault } from '../../runtime/fault.ts';
import type { Log } from '../../runtime/log.ts';
import { stepsFor } from '../../runtime/steps.ts';
import { type PageRequest, pageOf } from './page.ts';
import type { Service } from './service.ts';

/** One result in the API's form: without the members that only our own tools show. */
type Result = Omit<Finding, 'detail'>;

interface Analysis {
  readonly startedAt: number;
  status: 'RUNNING' | 'COMPLETE' | 'FAILED';
  results: readonly Result[];
}

interface OfAnalysis {
  readonly analysisId: string;
}

/**
 * The operations on analyses (reference: analysis 1). An analysis runs after its start has been answered. Its results
 * are kept in memory for a day, the time that the service guaranteed, or until a restart.
 */
export class Analyses {
  /** By id, oldest first. */
  readonly #analyses = new Map<string, Analysis>();
  readonly #service: Service;
  readonly #log: Log;
  readonly #later: (run: () => void) => void;

  /** `later` calls back after everything already queued on the event loop. */
  constructor(service: Service, log: Log, later: (run: () => void) => void = setImmediate) {
    this.#service = service;
    this.#log = log;
    this.#later = later;
  }

  /** Analyses a definition against the inputs and routes of the catalog. */
  start(
    { detectorModelDefinition }: { readonly detectorModelDefinition: DetectorModelDefinition },
    catalog: Catalog,
  ) {
    const { limits, host } = this.#service;
    this.#expire();
    checkSize('Detector model', detectorModelDefinition, limits);
    const running = [...this.#analyses.values()].filter(({ status }) => status === 'RUNNING');
    if (running.length >= limits.runningAnalyses) {
      const message = `Number of analyses in RUNNING status exceeds the limit ${limits.runningAnalyses}`;
      throw new Fault('LimitExceededException', message);
    }
    const analysisId = randomUUID();
    const analysis: Analysis = { startedAt: host.now(), status: 'RUNNING', results: [] };
    this.#analyses.set(analysisId, analysis);
    const steps = analyseInSteps(detectorModelDefinition, {
      limits,
      hasInput: (inputName) => catalog.inputs.has(inputName),
      routesOf: (inputName) => catalog.usersOf(inputName).models.length,
    });
    this.#later(() => this.#run(analysis, steps));
    return { analysisId };
  }

  describe(request: OfAnalysis) {
    return { status: this.#find(request).status };
  }

  results(request: OfAnalysis & PageRequest) {
    const { status, results } = this.#find(request);
    if (status === 'RUNNING') {
      const message = `Analysis of ID: ${request.analysisId} is still running; there are no results yet`;
      throw new Fault('InvalidRequestException', message);
    }
    if (request.maxResults !== undefined && request.maxResults < 1) {
      // The only maxResults in the API without a declared range (reference: api 1.2).
      throw new Fault('InvalidRequestException', "Value at 'maxResults' must be greater than or equal to 1");
    }
    const numbered = results.map((result, index) => ({ result, position: String(index).padStart(9, '0') }));
    const { pageSize } = this.#service.limits;
    const { items, nextToken } = pageOf(
      `analyses/${request.analysisId}`,
      numbered,
      ({ position }) => position,
      request,
      pageSize,
    );
    const analysisResults = items.map(({ result }) => result);
    return { analysisResults, ...(nextToken !== undefined && { nextToken }) };
  }

  #run(analysis: Analysis, steps: Steps<Finding[]>): void {
    try {
      const { done, value } = stepsFor(steps);
      if (!done) {
        this.#later(() => this.#run(analysis, steps));
        return;
      }
      analysis.results = value.map(({ detail: _, ...result }) => result);
      analysis.status = 'COMPLETE';
    } catch (error) {
      analysis.status = 'FAILED';
      this.#log.error({ err: error }, 'analysis failed');
    }
  }

  #find({ analysisId }: OfAnalysis): Analysis {
    this.#expire();
    const analysis = this.#analyses.get(analysisId);
    if (analysis !== undefined) return analysis;
    throw new Fault('ResourceNotFoundException', `Analysis of ID: ${analysisId} not found`);
  }

  /** Drops analyses older than a day, and the oldest when there are too many. */
  #expire(): void {
    const { limits, host } = this.#service;
    const oldest = host.now() - limits.analysisRetention;
    for (const [id, { startedAt, status }] of this.#analyses) {
      if (startedAt >= oldest && this.#analyses.size <= limits.keptAnalyses) break;
      if (status !== 'RUNNING') this.#analyses.delete(id);
    }
  }
}
