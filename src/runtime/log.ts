/** The part of a structured logger that the runtime uses (pino's shape). */
export interface Log {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
  /** Whether lines of a level are written, so that a caller can skip building them. When absent, they are. */
  isLevelEnabled?(level: string): boolean;
}
