import { StoreError } from '../../store/store.ts';
import { LOGGING } from '../rows.ts';

/**
 * The options set by PutLoggingOptions (reference: api 4.1, LoggingOptions). The role is stored and returned, but not
 * used.
 */
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

/** The account's logging options, and lookups derived from them. */
export class Logging {
  /** Undefined until they are first set. */
  readonly options: LoggingOptions | undefined;
  /** Key values to debug, by model; an undefined member means all of them. */
  readonly #debugged = new Map<string, Set<string | undefined>>();

  constructor(options: LoggingOptions | undefined) {
    this.options = options;
    if (options?.enabled !== true || options.level !== 'DEBUG') return;
    for (const { detectorModelName, keyValue } of options.detectorDebugOptions ?? []) {
      const keys = this.#debugged.get(detectorModelName) ?? new Set();
      this.#debugged.set(detectorModelName, keys.add(keyValue));
    }
  }

  /** Parses the row; without a row, no options are set. Throws StoreError. */
  static read(row: string | undefined): Logging {
    if (row === undefined) return new Logging(undefined);
    try {
      return new Logging(JSON.parse(row) as LoggingOptions);
    } catch (error) {
      throw new StoreError('CORRUPT', `${LOGGING} cannot be read: ${row.slice(0, 80)}`, { cause: error });
    }
  }

  /** Whether entries of that level are logged. For DEBUG entries, which are selected by detector, see `debugs`. */
  logs(level: 'ERROR' | 'WARN' | 'INFO'): boolean {
    return this.options?.enabled === true && (level === 'ERROR' || this.options.level !== 'ERROR');
  }

  /** Whether a debug option of level DEBUG names the detector. */
  debugs(detectorModelName: string, keyValue: string | undefined): boolean {
    const keys = this.#debugged.get(detectorModelName);
    return keys !== undefined && (keys.has(undefined) || keys.has(keyValue));
  }
}
