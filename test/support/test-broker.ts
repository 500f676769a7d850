import { onTestFinished } from 'vitest';
import { type BrokerRig, type BrokerRigOptions, openBrokerRig } from './broker-rig.ts';

/** A broker that is closed when the current test has ended. */
export async function openTestBroker(options: BrokerRigOptions = {}): Promise<BrokerRig> {
  const rig = await openBrokerRig(options);
  onTestFinished(() => rig.close());
  return rig;
}
