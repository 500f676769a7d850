import { DEFAULT_REGION } from '../migrate/options.ts';
import type { Target } from '../migrate/report.ts';
import { type Access, callerIdentity, checkAccess } from '../send/check-access.ts';
import { eachOf } from './look/view.ts';

export interface CheckedTarget extends Target {
  readonly access?: Access;
}

/** Asks AWS about every target, and prints the caller's identity to standard error. Never rejects. */
export async function checkTargets(
  targets: readonly Target[],
  region = process.env.AWS_REGION ?? DEFAULT_REGION,
): Promise<readonly CheckedTarget[]> {
  const needsAws = targets.some(({ type }) => type !== 'iotTopicPublish' && type !== 'iotEvents');
  try {
    if (needsAws) process.stderr.write(`Checking the targets as ${await callerIdentity(region)}\n`);
  } catch (error) {
    const detail = `there are no usable AWS credentials: ${(error as Error).message}`;
    return targets.map((target) =>
      /^iot(TopicPublish|Events)$/.test(target.type)
        ? target
        : { ...target, access: { status: 'unknown', detail } },
    );
  }
  return eachOf(targets, async (target) => ({
    ...target,
    access: await checkAccess(target.type, target.target, region),
  }));
}
