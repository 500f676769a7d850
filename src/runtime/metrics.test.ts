import { expect, test } from 'vitest';
import type { Execution } from './delivery/execution.ts';
import { RuntimeMetrics } from './metrics.ts';

test('targets computed from messages have no series of their own beyond a limit', async () => {
  const metrics = new RuntimeMetrics({ metricTargets: 3 });
  for (let n = 0; n < 1000; n++) {
    const execution = { type: 'dynamoDB', target: `dynamodb/table-${n}`, status: 'DELIVERED' } as Execution;
    metrics.action(execution);
    metrics.action(execution);
    metrics.retry(execution);
  }
  for (const name of ['tripline_actions_total', 'tripline_action_retries_total']) {
    const { values } = (await metrics.registry.getSingleMetric(name)?.get()) ?? { values: [] };
    expect(values.map(({ labels }) => labels.target)).toEqual([
      'dynamodb/table-0',
      'dynamodb/table-1',
      'dynamodb/table-2',
      'other',
    ]);
    const each = name === 'tripline_actions_total' ? 2 : 1;
    expect(values.map(({ value }) => value)).toEqual([each, each, each, 997 * each]);
  }
});
