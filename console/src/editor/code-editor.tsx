import { acceptCompletion, autocompletion, completionKeymap } from '@codemirror/autocomplete';
import { defaultKeymap, history, historyKeymap, indentWithTab } from '@codemirror/commands';
import { json, jsonParseLinter } from '@codemirror/lang-json';
import { bracketMatching, defaultHighlightStyle, foldGutter, syntaxHighlighting } from '@codemirror/language';
import { forceLinting, linter, lintGutter } from '@codemirror/lint';
import { EditorState } from '@codemirror/state';
import { drawSelection, EditorView, highlightActiveLine, keymap, lineNumbers } from '@codemirror/view';
import { useEffect, useRef } from 'react';
import type { Finding } from '../../../src/core/model/analysis/index.ts';
import type { Names } from '../expression/names.ts';
import { jsonSource, leadsOn } from '../expression/source.ts';
import { baseTheme, colours } from '../expression/theme.ts';
import { jsonDiagnostics } from './json-diagnostics.ts';

export interface CodeEditorProps {
  readonly label: string;
  /** What it shows; a new text replaces what is there, unless it says the same. */
  readonly text: string;
  readonly onChange: (text: string) => void;
  /** What its expressions may refer to. */
  readonly names: Names;
  readonly findings: readonly Finding[];
}

const theme = EditorView.theme({
  '&': { height: 'min(40rem, 70dvh)' },
  '.cm-gutters': { backgroundColor: 'var(--sunken)', color: 'var(--text-soft)', border: '0' },
  '.cm-activeLine': { backgroundColor: 'var(--hover)' },
  '.cm-activeLineGutter': { backgroundColor: 'var(--hover)' },
});

/** JSON to edit. Tab indents; Escape and then Tab leaves the editor. */
export function CodeEditor({ label, text, onChange, names, findings }: CodeEditorProps) {
  const frame = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView>(undefined);
  const latest = useRef(onChange);
  latest.current = onChange;
  const known = useRef({ names, findings });
  known.current = { names, findings };
  // biome-ignore lint/correctness/useExhaustiveDependencies: the editor is made once; its text follows below
  useEffect(() => {
    if (frame.current === null) return;
    const made = new EditorView({
      parent: frame.current,
      state: EditorState.create({
        doc: text,
        extensions: [
          lineNumbers(),
          foldGutter(),
          history(),
          drawSelection(),
          bracketMatching(),
          highlightActiveLine(),
          json(),
          linter(jsonParseLinter(), { delay: 200 }),
          linter((current) => jsonDiagnostics(current, known.current.findings), { delay: 400 }),
          autocompletion({
            override: [jsonSource(() => known.current.names)],
            icons: false,
            activateOnCompletion: leadsOn,
            interactionDelay: 0,
          }),
          lintGutter(),
          syntaxHighlighting(colours),
          syntaxHighlighting(defaultHighlightStyle, { fallback: true }),
          keymap.of([
            { key: 'Tab', run: acceptCompletion },
            ...completionKeymap,
            ...defaultKeymap,
            ...historyKeymap,
            indentWithTab,
          ]),
          baseTheme,
          theme,
          EditorView.contentAttributes.of({ 'aria-label': label, tabindex: '0' }),
          EditorView.updateListener.of((update) => {
            if (update.docChanged) latest.current(update.state.doc.toString());
          }),
        ],
      }),
    });
    view.current = made;
    return () => made.destroy();
  }, []);
  useEffect(() => {
    const current = view.current;
    if (current === undefined || isSame(current.state.doc.toString(), text)) return;
    current.dispatch({ changes: { from: 0, to: current.state.doc.length, insert: text } });
  }, [text]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the linter reads them by itself
  useEffect(() => {
    if (view.current !== undefined) forceLinting(view.current);
  }, [findings]);
  return <div ref={frame} />;
}

/** Whether two texts are the same JSON, so that what somebody is typing is not laid out anew under their hands. */
function isSame(a: string, b: string): boolean {
  if (a === b) return true;
  try {
    return JSON.stringify(JSON.parse(a)) === JSON.stringify(JSON.parse(b));
  } catch {
    // Half a text is another one.
    return false;
  }
}
