/**
 * Prints the nanoseconds of one evaluation of one kind: `node conditions-of.mjs KIND COUNT`. COUNT different conditions
 * are kept and evaluated in turn.
 */
const [kind, count] = [process.argv[2], Number(process.argv[3])];
const ROUNDS = { tripline: 4_000_000, jsonata: 60_000, 'json-rules-engine': 40_000 };
const rounds = ROUNDS[kind] ?? 800_000;

/** Condition n has its own pressure threshold, and requires a count of three. */
const thresholds = Array.from({ length: count }, (_, n) => 70 + (n % 20) + n / 1000);
const worlds = Array.from({ length: 1024 }, (_, n) => ({
  pressure: (n * 37) % 120,
  temperature: 39.5,
  count: n % 7,
}));

const MAKERS = {
  async tripline() {
    const { compile, parse } = await import('../dist/core/expression/index.js');
    const { pathReader } = await import('../dist/core/expression/path-reader.js');
    // A detector extracts an attribute when its message arrives. It is extracted here, as often as the other kinds look
    // into the message.
    const read = pathReader(['sensorData', 'pressure']);
    const scopes = worlds.map(({ pressure, temperature, count: value }) => ({
      at(place) {
        return place === 0 ? read(this.message) : this.count;
      },
      message: { motorid: 'm', sensorData: { pressure, temperature } },
      count: value,
      triggerType: 'Message',
      currentInput: 0,
      timeout: () => false,
    }));
    const bindings = { input: () => 0, attribute: () => 0, variable: () => 1, timer: () => 0 };
    const conditions = thresholds.map((threshold) => {
      const text = `$input.PressureInput.sensorData.pressure > ${threshold} && $variable.count >= 3`;
      return compile(parse(text).node, bindings);
    });
    return (n, world) => conditions[n](scopes[world]) === true;
  },
  async '@marcbachmann/cel-js'() {
    const { Environment } = await import('@marcbachmann/cel-js');
    const environment = new Environment()
      .registerVariable('input', 'map')
      .registerVariable('variable', 'map');
    const conditions = thresholds.map((threshold) =>
      environment.parse(`input.sensorData.pressure > ${threshold.toFixed(3)} && variable.count >= 3.0`),
    );
    return (n, world) => conditions[n](contexts[world]) === true;
  },
  async filtrex() {
    const { compileExpression, useDotAccessOperator } = await import('filtrex');
    const options = { customProp: useDotAccessOperator };
    const conditions = thresholds.map((threshold) =>
      compileExpression(`input.sensorData.pressure > ${threshold} and variable.count >= 3`, options),
    );
    return (n, world) => Boolean(conditions[n](contexts[world]));
  },
  async 'expr-eval'() {
    const { Parser } = (await import('expr-eval')).default;
    const conditions = thresholds.map((threshold) =>
      new Parser()
        .parse(`input.sensorData.pressure > ${threshold} and variable.count >= 3`)
        .toJSFunction('input,variable'),
    );
    return (n, world) => Boolean(conditions[n](contexts[world].input, contexts[world].variable));
  },
  async jsonata() {
    const { default: jsonata } = await import('jsonata');
    const conditions = thresholds.map((threshold) =>
      jsonata(`input.sensorData.pressure > ${threshold} and variable.count >= 3`),
    );
    return (n, world) => conditions[n].evaluate(contexts[world]);
  },
  async 'json-rules-engine'() {
    const { Engine } = await import('json-rules-engine');
    const conditions = thresholds.map(
      (value) =>
        new Engine([
          {
            conditions: {
              all: [
                { fact: 'input', path: '$.sensorData.pressure', operator: 'greaterThan', value },
                { fact: 'variable', path: '$.count', operator: 'greaterThanInclusive', value: 3 },
              ],
            },
            event: { type: 'yes' },
          },
        ]),
    );
    return async (n, world) => (await conditions[n].run(contexts[world])).events.length > 0;
  },
};

const contexts = worlds.map(({ pressure, temperature, count: value }) => ({
  input: { motorid: 'm', sensorData: { pressure, temperature } },
  variable: { count: value },
}));
const expected = (n, world) => worlds[world].pressure > thresholds[n] && worlds[world].count >= 3;

const run = await MAKERS[kind]();
for (let n = 0; n < 1024; n++) {
  const condition = n % count;
  if ((await run(condition, n)) !== expected(condition, n)) throw new Error(`${kind} differs at ${n}`);
}
const isAsync = run(0, 0) instanceof Promise;
let trues = 0;
let began = 0n;
for (let n = -rounds; n < rounds; n++) {
  // The first half is the warm-up.
  if (n === 0) began = process.hrtime.bigint();
  const result = run((n >>> 0) % count, n & 1023);
  if ((isAsync ? await result : result) === true) trues++;
}
const nanoseconds = Number(process.hrtime.bigint() - began) / rounds;
if (trues === 0) throw new Error('nothing was ever true');
console.log(nanoseconds);
