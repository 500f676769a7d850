import { StoreError } from '../../store/store.ts';
import { LOGGING } from '../rows.ts';

/** What PutLoggingOptions sets (reference: api 4.1, LoggingOptions). The role is kept and shown, and not used. */
export interface LoggingOptions {
  readonly roleArn: string;
  readonly level: 'ERROR' | 'INFO' | 'DEBUG';
  readonly enabled: boolean;
  readonly detectorDebugOptions?: readonly {
    readonly detectorModelName: string;
    /** Absent: all detectors of the model. */
    readonly keyValue?: string;
  }[];
}

/** The logging options of the account, and what follows from them. */
export class Logging {
  /** Undefined until they are first set. */
  readonly options: LoggingOptions | undefined;
  /** The key values to debug by model; undefined among them for all. */
  readonly #debugged = new Map<string, Set<string | undefined>>();

  constructor(options: LoggingOptions | undefined) {
    this.options = options;
    if (options?.enabled !== true || options.level !== 'DEBUG') return;
    for (const { detectorModelName, keyValue } of options.detectorDebugOptions ?? []) {
      const keys = this.#debugged.get(detectorModelName) ?? new Set();
      this.#debugged.set(detectorModelName, keys.add(keyValue));
    }
  }

  /** What the row says; undefined when there is none. Throws StoreError. */
  static read(row: string | undefined): Logging {
    if (row === undefined) return new Logging(undefined);
    try {
      return new Logging(JSON.parse(row) as LoggingOptions);
    } catch (error) {
      throw new StoreError('CORRUPT', `${LOGGING} cannot be read: ${row.slice(0, 80)}`, { cause: error });
    }
  }

  /** Whether entries of that level are logged. DEBUG entries are for detectors, see `debugs`. */
  logs(level: 'ERROR' | 'WARN' | 'INFO'): boolean {
    return this.options?.enabled === true && (level === 'ERROR' || this.options.level !== 'ERROR');
  }

  /** Whether a debug option names the detector, at level DEBUG. */
  debugs(detectorModelName: string, keyValue: string | undefined): boolean {
    const keys = this.#debugged.get(detectorModelName);
    return keys !== undefined && (keys.has(undefined) || keys.has(keyValue));
  }
}
