import {
  acceptCompletion,
  autocompletion,
  closeBrackets,
  closeBracketsKeymap,
  completionKeymap,
} from '@codemirror/autocomplete';
import { defaultKeymap, history, historyKeymap } from '@codemirror/commands';
import { bracketMatching, syntaxHighlighting } from '@codemirror/language';
import { setDiagnostics } from '@codemirror/lint';
import { Compartment, EditorState } from '@codemirror/state';
import { drawSelection, EditorView, keymap, tooltips } from '@codemirror/view';
import { useEffect, useRef } from 'react';
import { expressionLanguage } from './language.ts';
import type { Names } from './names.ts';
import { expressionSource, leadsOn } from './source.ts';
import { baseTheme, colours } from './theme.ts';

/** Something that is wrong with a part of an expression. */
export interface Mark {
  readonly start: number;
  readonly end: number;
  readonly level: 'ERROR' | 'WARNING' | 'INFO';
  readonly message: string;
}

export interface ExpressionEditorProps {
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly names: Names;
  readonly marks: readonly Mark[];
  /** Ids of what names it and of what is said about it. */
  readonly labelledBy: string;
  readonly describedBy: string | undefined;
}

const SEVERITIES = { ERROR: 'error', WARNING: 'warning', INFO: 'info' } as const;

const theme = EditorView.theme({
  '.cm-content': { padding: '0.4375rem 0', minHeight: 'calc(var(--target) - 2px)' },
  '.cm-line': { padding: '0 0.625rem', lineHeight: '1.45' },
});

/**
 * An expression to edit: coloured, completed, and marked where something is wrong. Tab leaves it; while options are
 * shown, Tab takes one and Escape closes them.
 */
export function ExpressionEditor(props: ExpressionEditorProps) {
  const { value, marks, labelledBy, describedBy } = props;
  const frame = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView>(undefined);
  const latest = useRef(props);
  latest.current = props;
  const attributes = useRef(new Compartment());
  const isWrong = marks.some(({ level }) => level === 'ERROR');
  // biome-ignore lint/correctness/useExhaustiveDependencies: the editor is made once; what changes follows below
  useEffect(() => {
    if (frame.current === null) return;
    const made = new EditorView({
      parent: frame.current,
      state: EditorState.create({
        doc: value,
        extensions: [
          history(),
          drawSelection(),
          bracketMatching(),
          closeBrackets(),
          expressionLanguage,
          syntaxHighlighting(colours),
          autocompletion({
            override: [expressionSource(() => latest.current.names)],
            icons: false,
            activateOnCompletion: leadsOn,
            // Tab would otherwise leave the field in the first moment after the options came up.
            interactionDelay: 0,
            closeOnBlur: true,
          }),
          keymap.of([
            { key: 'Tab', run: acceptCompletion },
            ...closeBracketsKeymap,
            ...completionKeymap,
            ...defaultKeymap,
            ...historyKeymap,
          ]),
          EditorView.lineWrapping,
          tooltips({ parent: document.body }),
          baseTheme,
          theme,
          attributes.current.of([]),
          EditorView.updateListener.of((update) => {
            if (update.docChanged) latest.current.onChange(update.state.doc.toString());
          }),
        ],
      }),
    });
    view.current = made;
    return () => {
      made.destroy();
      view.current = undefined;
    };
  }, []);
  useEffect(() => {
    const current = view.current;
    if (current === undefined || current.state.doc.toString() === value) return;
    current.dispatch({ changes: { from: 0, to: current.state.doc.length, insert: value } });
  }, [value]);
  useEffect(() => {
    view.current?.dispatch({
      effects: attributes.current.reconfigure(
        EditorView.contentAttributes.of({
          'aria-labelledby': labelledBy,
          'aria-invalid': String(isWrong),
          ...(describedBy !== undefined && { 'aria-describedby': describedBy }),
          spellcheck: 'false',
          tabindex: '0',
        }),
      ),
    });
  }, [labelledBy, describedBy, isWrong]);
  const shown = JSON.stringify(marks);
  // biome-ignore lint/correctness/useExhaustiveDependencies: marks that say the same are the same
  useEffect(() => {
    const current = view.current;
    if (current === undefined) return;
    const { length } = current.state.doc;
    const diagnostics = marks.map(({ start, end, level, message }) => ({
      from: Math.min(start, length),
      to: Math.min(Math.max(end, start), length),
      severity: SEVERITIES[level],
      message,
    }));
    current.dispatch(setDiagnostics(current.state, diagnostics));
  }, [shown, value]);
  return <div ref={frame} className="expression-editor" />;
}
