/** What the table of detectors can be sorted by. */
export const SORTS = ['key', 'state', 'updated', 'timer'] as const;
export type Sort = (typeof SORTS)[number];

/** What the address of the table says. */
export interface DetectorSearch {
  readonly q?: string;
  readonly state?: string;
  readonly sort?: Sort;
  readonly desc?: boolean;
}
