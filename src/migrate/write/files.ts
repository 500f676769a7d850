import { KINDS } from '../fit/kinds.ts';
import type { Kind } from '../report.ts';
import type { Request } from './requests.ts';

/** The subfolders of `--out` by kind (docs/migrating.md: 2. Apply it). */
const FOLDERS: Readonly<Record<Kind, string>> = {
  input: 'inputs',
  detectorModel: 'detector-models',
  alarmModel: 'alarm-models',
  topicRule: 'topic-rules',
};

/** The path of a request, relative to the output folder, and its content. The name cannot lead outside the folder. */
export function requestFile(kind: Kind, request: Request): { readonly path: string; readonly text: string } {
  const name = String(request[KINDS[kind].nameMember]).replace(/[^a-zA-Z0-9_-]/g, '_');
  return { path: `${FOLDERS[kind]}/${name}.json`, text: `${JSON.stringify(request, null, 2)}\n` };
}
