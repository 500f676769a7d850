import type { HostClock } from '../runtime/host-clock.ts';
import type { RuntimeMetrics } from '../runtime/metrics.ts';
import type { Runtime } from './runtime.ts';
import { VERSION } from './version.ts';

/** Registers gauges that read the current runtime. */
export function registerGauges(
  metrics: RuntimeMetrics,
  runtime: () => Runtime | undefined,
  clock: HostClock,
): void {
  metrics.info('tripline_build_info', 'The version of this server', { version: VERSION });
  metrics.gauge('tripline_ready', '1 while messages are accepted', () => Number(runtime() !== undefined));
  const figures = () => runtime()?.host.figures();
  metrics.gauge('tripline_queued_messages', 'Messages waiting for evaluation', () => figures()?.queued ?? 0);
  metrics.gauge(
    'tripline_timers_overdue_seconds',
    'How late the oldest due timer is',
    () => (figures()?.lateness ?? 0) / 1000,
  );
  metrics.gauge('tripline_detectors', 'Detectors of all models', () => figures()?.detectors ?? 0);
  metrics.gauge('tripline_alarms', 'Alarms of all models', () => figures()?.alarms ?? 0);
  metrics.gauge(
    'tripline_actions_failed',
    'Failed action executions in the list',
    () => figures()?.failedActions ?? 0,
  );
  metrics.gaugeByTarget(
    'tripline_actions_pending',
    'Action executions not yet delivered',
    () => figures()?.pendingActions ?? [],
  );
  const targets = () => figures()?.targets ?? [];
  metrics.gaugeByTarget('tripline_actions_in_flight', 'Deliveries in progress', () =>
    targets().map(({ target, inFlight }) => [target, inFlight]),
  );
  metrics.gaugeByTarget('tripline_target_down', '1 while deliveries to the target fail in a row', () =>
    targets().map(({ target, isDown }) => [target, Number(isDown)]),
  );
  metrics.gaugeByTarget(
    'tripline_actions_oldest_pending_seconds',
    'Age of the oldest execution that waits for delivery',
    () =>
      targets().map(({ target, oldestSince = clock.wall() }) => [
        target,
        Math.max(0, clock.wall() - oldestSince) / 1000,
      ]),
  );
}
