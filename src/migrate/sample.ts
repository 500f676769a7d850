import type { Findings } from './findings.ts';
import type { Draft } from './make-resource.ts';
import { type Node, objectNode, type Source, stringNode } from './node.ts';
import { readJson } from './read/json.ts';

/** Builds an input whose attributes are the leaves of an example message (docs/migrating.md: What is read). */
export function sampleDraft(inputName: string, file: Source, findings: Findings): Draft[] {
  const document = readJson(file);
  if (!document.ok) {
    const message = `${file.path} is ${document.message}`;
    findings.add({ level: 'ERROR', code: 'syntax', message, place: document.place });
    return [];
  }
  const [message] = document.nodes;
  if (message?.kind !== 'object') {
    const place = { source: file, start: 0, end: 0 };
    const text = `${file.path} is not a message: a message is a JSON object`;
    findings.add({ level: 'ERROR', code: 'not-recognised', message: text, place });
    return [];
  }
  const { place } = message;
  const members = message.members.flatMap(({ name, value }) => leaves(value, [quoted(name)]));
  const items = members.map(({ path, node }) =>
    objectNode([{ name: 'jsonPath', value: stringNode(path, node.place) }], node.place),
  );
  const attributes: Node = { kind: 'list', items, place };
  const node = objectNode(
    [
      { name: 'inputName', value: stringNode(inputName, place) },
      { name: 'inputDefinition', value: objectNode([{ name: 'attributes', value: attributes }], place) },
    ],
    place,
  );
  return [{ kind: 'input', node, file: file.path, fallbackName: inputName }];
}

/** The leaves in the order of the message. Lists and empty objects are leaves. */
function leaves(node: Node, path: readonly string[]): { readonly path: string; readonly node: Node }[] {
  if (node.kind !== 'object' || node.members.length === 0) return [{ path: path.join('.'), node }];
  return node.members.flatMap(({ name, value }) => leaves(value, [...path, quoted(name)]));
}

function quoted(segment: string): string {
  return /^[A-Za-z0-9_-]+$/.test(segment) ? segment : `\`${segment}\``;
}
