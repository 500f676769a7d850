import type { ServerResponse } from 'node:http';
import { actionRoutes } from '../api/extras/actions.ts';
import { backupRoute } from '../api/extras/backup.ts';
import { historyRoute } from '../api/extras/history.ts';
import { sitewiseRoutes } from '../api/extras/sitewise.ts';
import { topicRuleTestRoute } from '../api/extras/topic-rule-test.ts';
import { topicRoutes } from '../api/extras/topics.ts';
import type { FindRoute, Route } from '../api/front.ts';
import type { RuntimeMetrics } from '../runtime/metrics.ts';
import { parseTime } from '../simulate/times.ts';
import { ServiceError } from '../wire/errors.ts';
import type { ServeConfig } from './config.ts';
import { latenessOf } from './readiness.ts';
import type { RuntimeKeeper } from './runtime-keeper.ts';

/** The server's own routes beside the AWS API: health, metrics, backup, history, actions and topics. */
export function ownRoutes(keeper: RuntimeKeeper, metrics: RuntimeMetrics, config: ServeConfig): FindRoute {
  const current = () => keeper.current();
  const health: Route = { answer: async (_request, response) => sendText(response, 200, 'ok\n') };
  const readiness: Route = {
    answer: async (_request, response) => {
      const whyNot = await keeper.whyNotReady();
      if (whyNot !== undefined) return sendText(response, 503, `${whyNot}\n`);
      const runtime = current();
      const mqtt = runtime.mqtt === undefined ? '' : `${runtime.mqtt.status}\n`;
      sendText(response, 200, `ready\n${mqtt}${latenessOf(runtime)}`);
    },
  };
  const figures: Route = {
    access: 'tripline:GetMetrics',
    // Prometheus does not sign.
    takesBasic: true,
    answer: async (_request, response) => sendText(response, 200, await metrics.registry.metrics()),
  };
  const own = new Map([
    ['GET /healthz', health],
    ['GET /readyz', readiness],
    ['GET /metrics', figures],
  ]);
  const actions = actionRoutes(() => current().host.actions);
  const sitewise = sitewiseRoutes(() => current().host);
  const topics = topicRoutes((message) => current().publish(message), config.limits, config);
  const ruleTest = topicRuleTestRoute(config.limits, config.accountId);
  own.set(
    'GET /_tripline/backup',
    backupRoute(() => {
      const { dump } = current();
      if (dump !== undefined) return dump();
      const message = 'A cluster is backed up by Restate’s snapshots (docs/cluster.md)';
      throw new ServiceError('UnsupportedOperationException', message);
    }),
  );
  own.set(
    'GET /_tripline/history',
    historyRoute(() => current().host, parseTime),
  );
  const others = [actions, sitewise, topics, ruleTest];
  return (method, path) => own.get(`${method} ${path}`) ?? firstOf(others, method, path);
}

function firstOf(finders: readonly FindRoute[], method: string, path: string): Route | undefined {
  for (const find of finders) {
    const route = find(method, path);
    if (route !== undefined) return route;
  }
  return undefined;
}

function sendText(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { 'Content-Type': 'text/plain; version=0.0.4; charset=utf-8' }).end(text);
}
