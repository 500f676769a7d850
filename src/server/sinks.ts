import type { LogSink } from '../runtime/evaluation-log.ts';
import type { Log } from '../runtime/log.ts';
import { cloudWatchSink } from './cloudwatch-sink.ts';
import type { ServeConfig } from './config.ts';
import { openEvaluationLog } from './evaluation-log-sink.ts';

/** The destinations of the evaluation log: a file or standard output, and CloudWatch Logs when a group is given. */
export function openSinks(
  { evaluationLog, cloudwatchLogGroup: logGroup, region }: ServeConfig,
  log: Log,
): LogSink[] {
  const own = openEvaluationLog(evaluationLog, log);
  return logGroup === undefined ? [own] : [own, cloudWatchSink({ region, logGroup, log })];
}
