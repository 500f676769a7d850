import { expect, test } from 'vitest';
import { FiguresByModel } from './model-figures.ts';

const SAMPLES = 30;

test('evaluations of the last minute are counted from its oldest sample', () => {
  const figures = new FiguresByModel();
  const evaluate = (times: number) => {
    for (let count = 0; count < times; count++)
      figures.observe(
        {
          kind: 'detector',
          model: { compiled: { name: 'M' } },
          changedState: false,
          result: { problems: [] },
        } as never,
        0,
      );
  };
  const lastMinute = () => figures.of('detector', 'M').lastMinute;
  expect(lastMinute()).toBe(0);
  evaluate(5);
  expect(lastMinute()).toBe(5);
  figures.sample(SAMPLES);
  evaluate(2);
  for (let sample = 2; sample <= SAMPLES - 1; sample++) figures.sample(SAMPLES);
  expect(lastMinute()).toBe(7);
  figures.sample(SAMPLES);
  expect(lastMinute()).toBe(2);
  figures.sample(SAMPLES);
  expect(lastMinute()).toBe(0);
  expect(figures.of('detector', 'M').evaluations).toBe(7);
  expect(figures.of('alarm', 'M').evaluations).toBe(0);
});
