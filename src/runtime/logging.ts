import { type Store, StoreError } from '../store/store.ts';
import type { CatalogChange } from './models.ts';
import { LOGGING } from './rows.ts';

/** What PutLoggingOptions sets (spec: api 4.1, LoggingOptions). The role is kept and shown, and not used. */
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

/** The logging options of the account, durable like the catalog. */
export class Logging {
  #options: LoggingOptions | undefined;
  /** The key values to debug by model; undefined among them for all. */
  #debugged = new Map<string, Set<string | undefined>>();

  /** Reads what is durable. Rejects with StoreError. */
  static async load(store: Store): Promise<Logging> {
    const logging = new Logging();
    const text = await store.get(LOGGING);
    if (text === undefined) return logging;
    try {
      logging.#set(JSON.parse(text) as LoggingOptions);
    } catch (error) {
      throw new StoreError('CORRUPT', `${LOGGING} cannot be read: ${text.slice(0, 80)}`, { cause: error });
    }
    return logging;
  }

  /** Undefined until they are first set. */
  get options(): LoggingOptions | undefined {
    return this.#options;
  }

  /** Replaces all options. */
  put(options: LoggingOptions): CatalogChange {
    const before = this.#options;
    this.#set(options);
    return { rows: [[LOGGING, JSON.stringify(options)]], undo: () => this.#set(before) };
  }

  /** Whether entries of that level are logged. DEBUG entries are for detectors, see `debugs`. */
  logs(level: 'ERROR' | 'WARN' | 'INFO'): boolean {
    return this.#options?.enabled === true && (level === 'ERROR' || this.#options.level !== 'ERROR');
  }

  /** Whether a debug option names the detector, at level DEBUG. */
  debugs(detectorModelName: string, keyValue: string | undefined): boolean {
    const keys = this.#debugged.get(detectorModelName);
    return keys !== undefined && (keys.has(undefined) || keys.has(keyValue));
  }

  #set(options: LoggingOptions | undefined): void {
    this.#options = options;
    this.#debugged = new Map();
    if (options?.enabled !== true || options.level !== 'DEBUG') return;
    for (const { detectorModelName, keyValue } of options.detectorDebugOptions ?? []) {
      const keys = this.#debugged.get(detectorModelName) ?? new Set();
      this.#debugged.set(detectorModelName, keys.add(keyValue));
    }
  }
}
