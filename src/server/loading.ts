import type { Handlers } from '../api/api.ts';
import { type ServiceName, usesOf } from '../core/action/index.ts';
import type { Catalog } from '../runtime/catalog/catalog.ts';
import type { Senders } from '../send/index.ts';

/**
 * Loads the code for everything that the existing models may send, and that already waits in `queues`. This happens
 * early because a module that failed to load once, for instance for lack of a file descriptor, cannot be loaded again
 * by this process. Rejects with the reason.
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

/** Wraps handlers so that they answer for a new definition only once its senders are loaded. */
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
