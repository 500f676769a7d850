import { syntaxTree } from '@codemirror/language';
import type { Diagnostic } from '@codemirror/lint';
import type { EditorState } from '@codemirror/state';
import type { EditorView } from '@codemirror/view';
import type { Finding } from '../../../src/core/model/analysis/index.ts';
import { type Path, parsePath } from '../document/json.ts';

const SEVERITIES = { ERROR: 'error', WARNING: 'warning', INFO: 'info' } as const;

/** The errors and warnings of the analysis, at the places of the JSON that they are about. */
export function jsonDiagnostics({ state }: EditorView, findings: readonly Finding[]): Diagnostic[] {
  return findings.flatMap(({ level, message, detail, locations }) => {
    if (level === 'INFO') return [];
    return locations.flatMap(({ path }) => {
      const range = rangeAt(state, parsePath(path));
      if (range === undefined) return [];
      const text = detail === undefined ? message : `${message}\n${detail}`;
      return [{ ...range, severity: SEVERITIES[level], message: text }];
    });
  });
}

type SyntaxNode = ReturnType<typeof syntaxTree>['topNode'];

/** Where a value stands; of what has several lines the first. */
export function rangeAt(state: EditorState, path: Path): { from: number; to: number } | undefined {
  let node: SyntaxNode | null | undefined = syntaxTree(state).topNode.firstChild;
  for (const part of path) {
    if (node === null || node === undefined) return undefined;
    node = typeof part === 'number' ? itemOf(node, part) : memberOf(state, node, part);
  }
  if (node === null || node === undefined) return undefined;
  return { from: node.from, to: Math.min(node.to, state.doc.lineAt(node.from).to) };
}

function itemOf(node: SyntaxNode, place: number): SyntaxNode | undefined {
  let at = 0;
  for (let child = node.firstChild; child !== null; child = child.nextSibling) {
    if (child.name === '[' || child.name === ']' || child.name === ',') continue;
    if (at++ === place) return child;
  }
  return undefined;
}

function memberOf(state: EditorState, node: SyntaxNode, name: string): SyntaxNode | undefined {
  for (let child = node.firstChild; child !== null; child = child.nextSibling) {
    if (child.name !== 'Property') continue;
    const key = child.getChild('PropertyName');
    if (key !== null && state.sliceDoc(key.from, key.to) === JSON.stringify(name))
      return child.lastChild ?? undefined;
  }
  return undefined;
}
