import { type Place, positionOf } from './node.ts';
import type { Finding } from './report.ts';

/** A finding whose place has not been converted to file, line and column yet. */
export interface Found extends Omit<Finding, 'file' | 'line' | 'column'> {
  readonly place?: Place | undefined;
}

const places = new WeakMap<Finding, Place>();

/** The place of a finding, for excerpts. */
export function placeOfFinding(finding: Finding): Place | undefined {
  return places.get(finding);
}

/** Collects findings in order. */
export class Findings {
  readonly list: Finding[] = [];

  add({ place, ...finding }: Found): void {
    const where = place && { file: place.source.path, ...positionOf(place) };
    const complete = { ...finding, ...where };
    if (place !== undefined) places.set(complete, place);
    this.list.push(complete);
  }
}
