import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import type { Command } from '../document/commands.ts';
import { type History, newHistory, redo, run, undo } from '../document/history.ts';
import type { Point } from '../graph/layout.ts';
import { check, graphIdOf, type KnownInputs, readDefinition } from './check.ts';
import { type Draft, type Settings, saveDraft } from './draft.ts';

/** Milliseconds after the last change until the draft is written. */
const SAVE_AFTER = 250;

/** The editor of one detector model. */
export interface Editor {
  readonly name: string;
  readonly history: History;
  readonly settings: Settings;
  readonly placed: Readonly<Record<string, Point>>;
  /** Whether there is something that is not published. */
  readonly isChanged: boolean;
  readonly read: ReturnType<typeof readDefinition>;
  readonly findings: ReturnType<typeof check>;
  /** The graph's nodes and lines that a finding is about. */
  readonly marks: ReadonlyMap<string, 'ERROR' | 'WARNING'>;
  /** Runs a command; see `run` of the history for `merge`. */
  readonly run: (command: Command, merge?: string) => void;
  readonly undo: () => void;
  readonly redo: () => void;
  readonly place: (stateName: string, at: Point) => void;
  readonly arrange: () => void;
  readonly change: (settings: Partial<Settings>) => void;
  /** Before the draft is discarded: nothing of it is written any more. */
  readonly forget: () => void;
  /** The draft as it is at this moment. */
  readonly draft: Draft;
}

/** Edits a draft, and keeps it in the browser. `original` is what was published, as text. */
export function useEditor(start: Draft, original: string | undefined, inputs: KnownInputs): Editor {
  const [history, setHistory] = useState(() => newHistory(start.definition));
  const [settings, setSettings] = useState(start.settings);
  const [placed, setPlaced] = useState(start.placed);
  const read = useMemo(() => readDefinition(history.document), [history.document]);
  const findings = useMemo(() => (read.ok ? check(read.definition, inputs) : []), [read, inputs]);
  const marks = useMemo(() => marksOf(findings), [findings]);
  const text = useMemo(
    () => JSON.stringify({ definition: history.document, settings }),
    [history.document, settings],
  );
  const draft: Draft = { ...start, definition: history.document, settings, placed, savedAt: Date.now() };
  const latest = useRef(draft);
  latest.current = draft;
  const touched = useRef(false);
  const isPending = useRef(false);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the draft is saved when one of these changes
  useEffect(() => {
    if (!touched.current) {
      touched.current = true;
      return;
    }
    isPending.current = true;
    const timeout = setTimeout(() => {
      isPending.current = false;
      void saveDraft(latest.current);
    }, SAVE_AFTER);
    return () => clearTimeout(timeout);
  }, [history.document, settings, placed]);
  // Whoever goes to another screen right after a change finds it there.
  useEffect(() => {
    return () => {
      if (isPending.current) void saveDraft(latest.current);
    };
  }, []);
  return {
    name: start.name,
    history,
    settings,
    placed,
    isChanged: text !== original,
    read,
    findings,
    marks,
    run: useCallback((command, merge) => setHistory((before) => run(before, command, merge)), []),
    undo: useCallback(() => setHistory(undo), []),
    redo: useCallback(() => setHistory(redo), []),
    place: useCallback((stateName, at) => setPlaced((before) => ({ ...before, [stateName]: at })), []),
    arrange: useCallback(() => setPlaced({}), []),
    change: useCallback((change) => setSettings((before) => ({ ...before, ...change })), []),
    forget: useCallback(() => {
      isPending.current = false;
    }, []),
    draft,
  };
}

function marksOf(findings: ReturnType<typeof check>): ReadonlyMap<string, 'ERROR' | 'WARNING'> {
  const marks = new Map<string, 'ERROR' | 'WARNING'>();
  for (const { level, locations } of findings) {
    if (level === 'INFO') continue;
    for (const { path } of locations) {
      const id = graphIdOf(path);
      if (id !== undefined && marks.get(id) !== 'ERROR') marks.set(id, level);
    }
  }
  return marks;
}
