import { Counter, type Registry } from 'prom-client';

/**
 * A counter with one or two labels, cheap enough to increment for every message: plain maps, from which the metric is
 * built at scrape time.
 */
export class Tally {
  readonly #counts = new Map<string, Map<string, { count: number }>>();

  constructor(registry: Registry, name: string, help: string, labelNames: readonly [string, string?]) {
    const counts = this.#counts;
    const [label, other] = labelNames;
    new Counter({
      name,
      help,
      labelNames: other === undefined ? [label] : [label, other],
      registers: [registry],
      collect() {
        this.reset();
        for (const [value, byOther] of counts)
          for (const [otherValue, { count }] of byOther)
            this.inc({ [label]: value, ...(other !== undefined && { [other]: otherValue }) }, count);
      },
    });
  }

  add(value: string, other = ''): void {
    let byOther = this.#counts.get(value);
    if (byOther === undefined) {
      byOther = new Map();
      this.#counts.set(value, byOther);
    }
    const counted = byOther.get(other);
    if (counted === undefined) byOther.set(other, { count: 1 });
    else counted.count++;
  }
}
