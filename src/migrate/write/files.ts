import { KINDS } from '../fit/kinds.ts';
import type { Kind } from '../report.ts';
import type { Request } from './requests.ts';

/** The folders of `--out`, by kind (docs/migrating.md: 2. Apply it). */
const FOLDERS: Readonly<Record<Kind, string>> = {
  input: 'inputs',
  detectorModel: 'detector-models',
  alarmModel: 'alarm-models',
  topicRule: 'topic-rules',
};

/** Where a request is written to, relative to the folder of all, and what. A name cannot lead anywhere else. */
export function requestFile(kind: Kind, request: Request): { readonly path: string; readonly text: string } {
  const name = String(request[KINDS[kind].nameMember]).replace(/[^a-zA-Z0-9_-]/g, '_');
  return { path: `${FOLDERS[kind]}/${name}.json`, text: `${JSON.stringify(request, null, 2)}\n` };
}
