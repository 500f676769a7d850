import { type Place, positionOf } from './node.ts';
import type { Finding } from './report.ts';

/** A finding before its place is turned into file, line and column. */
export interface Found extends Omit<Finding, 'file' | 'line' | 'column'> {
  readonly place?: Place | undefined;
}

const places = new WeakMap<Finding, Place>();

/** Where a finding is, for an excerpt of the text there. */
export function placeOfFinding(finding: Finding): Place | undefined {
  return places.get(finding);
}

/** Collects findings in the order in which they are made. */
export class Findings {
  readonly list: Finding[] = [];

  add({ place, ...finding }: Found): void {
    const where = place && { file: place.source.path, ...positionOf(place) };
    const complete = { ...finding, ...where };
    if (place !== undefined) places.set(complete, place);
    this.list.push(complete);
  }
}
