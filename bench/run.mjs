import { writeFileSync } from 'node:fs';
import { benchDelivery } from './delivery.mjs';
import { benchHttp } from './http.mjs';
import { benchMemory } from './memory.mjs';
import { benchSteps } from './steps.mjs';

/** Runs every benchmark and prints one table; `--json FILE` also writes the rows. */
const jsonAt = process.argv.indexOf('--json');
const rows = [];
for (const [name, bench] of Object.entries({ benchMemory, benchSteps, benchHttp, benchDelivery })) {
  process.stderr.write(`${name} ...\n`);
  rows.push(...(await bench()));
}
for (const { name, ours, other, ratio } of rows) {
  const figures = [
    show(ours),
    other === undefined ? '' : show(other),
    ratio === undefined ? '' : ratio.toFixed(2),
  ];
  console.log(`${name.padEnd(84)} ${figures.map((figure) => figure.padStart(12)).join('')}`);
}
if (jsonAt > 0) writeFileSync(process.argv[jsonAt + 1], `${JSON.stringify(rows, null, 2)}\n`);

function show(figure) {
  return figure >= 1000 ? Math.round(figure).toLocaleString('en') : figure.toFixed(1);
}
