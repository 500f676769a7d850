import { Fault, type FaultCode } from '../../runtime/fault.ts';
import type { Held } from '../../runtime/slot.ts';
import { decodeToken, encodeToken, type PageRequest } from './page.ts';
import type { Service } from './service.ts';

/** What detectors and alarms are listed and changed by. */

/**
 * Pages go through the slots, and through each by the age of what it holds: the token survives what is created and
 * deleted in between.
 */
export function pageOfInstances(
  service: Service,
  epoch: number,
  request: PageRequest,
  fits: (held: Held) => boolean,
): { readonly items: readonly Held[]; readonly nextToken?: string } {
  const { maxResults = service.limits.pageSize } = request;
  const [firstSlot, after] = readPosition(request.nextToken);
  const found: Held[] = [];
  for (const slot of service.host.slots.slice(firstSlot)) {
    const own = [...slot.instances(epoch)]
      .filter((held) => slot.number > firstSlot || ageOf(held) > after)
      .filter(fits)
      .sort((a, b) => ageOf(a) - ageOf(b));
    found.push(...own);
    if (found.length > maxResults) break;
  }
  const items = found.slice(0, maxResults);
  const last = items.at(-1);
  if (last === undefined || found.length === items.length) return { items };
  return { items, nextToken: encodeToken(`${last.slot.number}:${ageOf(last)}`) };
}

/** Does each entry by itself; gives those that were refused. */
export function refusedOf<T>(
  entries: readonly T[],
  run: (entry: T) => void,
): { readonly entry: T; readonly errorCode: FaultCode; readonly errorMessage: string }[] {
  return entries.flatMap((entry) => {
    try {
      run(entry);
      return [];
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      return [{ entry, errorCode: error.code, errorMessage: error.message }];
    }
  });
}

function ageOf({ instance }: Held): number {
  return instance?.createdBy ?? 0;
}

function readPosition(nextToken: string | undefined): readonly [slot: number, createdBy: number] {
  if (nextToken === undefined) return [0, 0];
  const [slot, createdBy] = decodeToken(nextToken).split(':').map(Number);
  if (!Number.isInteger(slot) || !Number.isInteger(createdBy)) {
    throw new Fault('InvalidRequestException', 'Invalid nextToken');
  }
  return [slot as number, createdBy as number];
}
