import { writeFileSync } from 'node:fs';
import { benchConditions } from './conditions.mjs';
import { benchDelivery } from './delivery.mjs';
import { benchHttp } from './http.mjs';
import { benchLatency } from './latency.mjs';
import { benchMemory } from './memory.mjs';
import { benchMqtt } from './mqtt.mjs';
import { benchRivals } from './rivals.mjs';
import { benchRules } from './rules.mjs';
import { benchScale } from './scale.mjs';
import { benchSimulate } from './simulate.mjs';
import { benchSize } from './size.mjs';
import { benchSteps } from './steps.mjs';

/**
 * Runs every benchmark and prints one table, with the goal of each; `--json FILE` also writes the rows, `--only NAME`
 * runs one. A missed goal is shown in the table, not treated as a failure.
 */
const jsonAt = process.argv.indexOf('--json');
const onlyAt = process.argv.indexOf('--only');
const BENCHES = {
  memory: benchMemory,
  steps: benchSteps,
  conditions: benchConditions,
  http: benchHttp,
  rivals: benchRivals,
  latency: benchLatency,
  size: benchSize,
  scale: benchScale,
  rules: benchRules,
  simulate: benchSimulate,
  delivery: benchDelivery,
  mqtt: benchMqtt,
};
const names = onlyAt > 0 ? [process.argv[onlyAt + 1]] : Object.keys(BENCHES);
const unknown = names.find((name) => !Object.hasOwn(BENCHES, name));
if (unknown !== undefined) {
  console.error(`There is no benchmark ${unknown}; there are ${Object.keys(BENCHES).join(', ')}`);
  process.exit(2);
}
const rows = [];
for (const name of names) {
  process.stderr.write(`${name} ...\n`);
  for (const row of await BENCHES[name]()) {
    const isCeiling = row.atMost === true;
    const met =
      row.goal === undefined ? undefined : isCeiling ? row.ratio <= row.goal : row.ratio >= row.goal;
    rows.push({ ...row, ...(met !== undefined && { met }) });
  }
}
for (const { name, ours, other, ratio, spread, goal, met, atMost } of rows) {
  const figures = [
    show(ours),
    other === undefined ? '' : show(other),
    ratio === undefined ? '' : ratio.toFixed(2),
    spread === undefined ? '' : spread.map((each) => each.toFixed(2)).join(' to '),
    goal === undefined ? '' : `${atMost ? '<=' : '>='} ${goal}`,
    met === undefined ? '' : met ? 'met' : 'NOT MET',
  ];
  console.log(`${name.padEnd(84)} ${figures.map((figure) => figure.padStart(14)).join(' ')}`);
}
if (jsonAt > 0) writeFileSync(process.argv[jsonAt + 1], `${JSON.stringify(rows, null, 2)}\n`);

function show(figure) {
  return figure >= 1000 ? Math.round(figure).toLocaleString('en') : figure.toFixed(1);
}
