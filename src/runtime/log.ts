/** What the runtime needs of a structured logger (pino's shape). */
export interface Log {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
  /** Whether lines of a level are written, for those who would make one for each message. Absent where none is. */
  isLevelEnabled?(level: string): boolean;
}
