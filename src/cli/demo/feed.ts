/** One reading of the demonstration, due `at` milliseconds after its start. */
export interface Reading {
  readonly at: number;
  readonly topic: string;
  readonly payload: { readonly bar: number } | { readonly celsius: number };
}

const PUMPS = ['P-101', 'P-102', 'P-103', 'P-104'] as const;
const SECONDS = 12;
/** P-103 runs into overpressure: bar, by second. */
const EPISODE: Readonly<Record<number, number>> = { 3: 7.6, 4: 8.4, 5: 9.1, 6: 8.7, 7: 7.4, 8: 7.1, 9: 6.9 };
/** P-102 is silent between these seconds. */
const SILENCE = { from: 2, to: 9 };

/**
 * A few seconds of a pump station, the same every time: four pumps report their pressure every second and their
 * temperature every third.
 */
export function pumpStationFeed(): Reading[] {
  const readings: Reading[] = [];
  for (let second = 0; second < SECONDS; second++) {
    for (const [index, pumpId] of PUMPS.entries()) {
      if (pumpId === 'P-102' && second >= SILENCE.from && second < SILENCE.to) continue;
      const at = second * 1000 + index * 120;
      const ripple = Math.sin(second * 1.7 + index * 2.3) * 0.4;
      const pressure = (pumpId === 'P-103' ? EPISODE[second] : undefined) ?? round(6.2 + ripple);
      readings.push({ at, topic: `pumps/${pumpId}/pressure`, payload: { bar: pressure } });
      if (second % 3 !== 0) continue;
      const temperature = round(52.5 + index * 3 + second * 0.8);
      readings.push({ at: at + 40, topic: `pumps/${pumpId}/temperature`, payload: { celsius: temperature } });
    }
  }
  return readings;
}

/** Two digits, never whole: the sensors send decimals. */
function round(value: number): number {
  const rounded = Math.round(value * 100) / 100;
  return Number.isInteger(rounded) ? rounded + 0.01 : rounded;
}
