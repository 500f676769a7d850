import type { Limits } from '../../limits.ts';
import type { DetectorModelDefinition } from '../../model/definition.ts';
import { Fault } from '../../runtime/fault.ts';

/** Throws Fault for a definition that is too large, as JSON text. */
export function checkSize(definition: DetectorModelDefinition, { definitionBytes: limit }: Limits): void {
  const bytes = Buffer.byteLength(JSON.stringify(definition));
  if (bytes <= limit) return;
  const message = `Detector model definition size of ${bytes} bytes exceeds the limit ${limit}`;
  throw new Fault('InvalidRequestException', message);
}
