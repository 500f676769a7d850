import type { Handlers } from '../api/api.ts';
import { type ServiceName, usesOf } from '../core/action/index.ts';
import type { Catalog } from '../runtime/catalog/catalog.ts';
import type { Senders } from '../send/index.ts';

/**
 * Loads the code that sends what the models there are may send, and what waits already in `queues`. It is loaded while it can be:
 * code that could not be read once, because no file descriptor was left, say, cannot be loaded by this process again.
 * Rejects with what kept it from being loaded.
 */
export async function loadSenders(
  catalog: Catalog,
  queues: Iterable<string>,
  senders: Senders,
): Promise<void> {
  const services = new Set<ServiceName>();
  for (const { compiled } of catalog.running())
    for (const service of usesOf(compiled).services) services.add(service);
  // A queue's name begins with its service.
  for (const queue of queues) services.add(queue.split('/', 1)[0] as ServiceName);
  await Promise.all([...services].map((service) => senders.load(service)));
}

type ModelOperation = 'CreateDetectorModel' | 'UpdateDetectorModel' | 'CreateAlarmModel' | 'UpdateAlarmModel';

/** Handlers that answer for a new definition once what it may send can be sent. */
export function loadingFirst<H extends Pick<Handlers, ModelOperation>>(
  handlers: H,
  load: () => Promise<void>,
): H {
  const loading =
    <Input, Output>(handle: (input: Input) => Promise<Output> | Output) =>
    async (input: Input): Promise<Output> => {
      const output = await handle(input);
      await load();
      return output;
    };
  return {
    ...handlers,
    CreateDetectorModel: loading(handlers.CreateDetectorModel),
    UpdateDetectorModel: loading(handlers.UpdateDetectorModel),
    CreateAlarmModel: loading(handlers.CreateAlarmModel),
    UpdateAlarmModel: loading(handlers.UpdateAlarmModel),
  };
}
