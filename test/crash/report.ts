import { appendFileSync } from 'node:fs';

/** Prints the results of a crash test, and records them for `npm run crash -- --report`. */
export function report(what: string, figures: Readonly<Record<string, number>>): void {
  const text = Object.entries(figures).map(([name, figure]) => `${name} ${figure}`);
  console.log(`crash: ${what}: ${text.join(', ')}`);
  const file = process.env.TRIPLINE_CRASH_REPORT;
  if (file !== undefined) appendFileSync(file, `${JSON.stringify({ what, figures })}\n`);
}
