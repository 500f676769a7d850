import { Download, LayoutGrid, Redo2, Undo2, Upload } from 'lucide-react';
import { type KeyboardEvent, lazy, Suspense, useEffect, useMemo, useState } from 'react';
import { spanOfFinding } from '../../../src/core/model/analysis/index.ts';
import type { DetectorModel } from '../api/queries.ts';
import { saveFile } from '../components/files.ts';
import { Loading } from '../components/notice.tsx';
import { Panel } from '../components/page.tsx';
import { statesOf } from '../document/commands.ts';
import { at, isObject, type Json, parsePath } from '../document/json.ts';
import { NamesContext } from '../expression/context.ts';
import { namesOf } from '../expression/names.ts';
import { ModelGraph } from '../graph/model-graph.tsx';
import { transitionId } from '../graph/project.ts';
import { graphIdOf, type KnownInputs } from './check.ts';
import type { Draft } from './draft.ts';
import './editor.css';
import { AddState, ListView } from './list-view.tsx';
import { Problems } from './problems.tsx';
import { PublishDialog } from './publish-dialog.tsx';
import { useEditor } from './use-editor.ts';

/** Loaded by itself, so that the graph need not wait for the editor of expressions. */
const loadInspector = () => import('./inspector.tsx');
const Inspector = lazy(() => loadInspector().then((module) => ({ default: module.Inspector })));
const CodeEditor = lazy(() => import('./code-editor.tsx').then((module) => ({ default: module.CodeEditor })));

export interface ModelEditorProps {
  readonly start: Draft;
  /** What is published now; absent for a new model. */
  readonly published: DetectorModel | undefined;
  readonly inputs: KnownInputs;
  readonly onDiscard: () => void;
}

type Mode = 'graph' | 'list' | 'json';
const MODES: readonly (readonly [Mode, string])[] = [
  ['graph', 'Graph'],
  ['list', 'List'],
  ['json', 'JSON'],
];

/** A detector model to edit: as a graph, as a list or as JSON, with the analysis beside it. */
export function ModelEditor({ start, published, inputs, onDiscard }: ModelEditorProps) {
  const original = useMemo(() => (published === undefined ? undefined : textOf(published)), [published]);
  const editor = useEditor(start, original, inputs);
  const [mode, setMode] = useState<Mode>(innerWidth < 720 ? 'list' : 'graph');
  const [selected, setSelected] = useState<string>();
  const [publishing, setPublishing] = useState(false);
  const [goal, setGoal] = useState<string>();
  const document = editor.history.document;
  const names = useMemo(
    () => namesOf(editor.read.ok ? editor.read.definition : undefined, inputs),
    [editor.read, inputs],
  );
  const states = statesOf(document).map((state) => (isObject(state) ? String(state.stateName) : ''));
  const problemAt = (place: string) =>
    editor.findings.find(
      // What is about a part of an expression is said with that expression.
      (finding) =>
        finding.level === 'ERROR' &&
        spanOfFinding(finding) === undefined &&
        finding.locations.some(({ path }) => path === place),
    )?.message;
  const go = (path: string) => {
    const id = graphIdOf(path);
    if (id !== undefined) {
      setSelected(id);
      if (mode === 'json') setMode('list');
    }
    // Findings about an expression name its event or action: what is wrong there is mostly the condition.
    setGoal(/vents\[\d+\]$/.test(path) ? `${path}.condition` : path);
  };
  useEffect(() => void loadInspector(), []);
  const keys = (event: KeyboardEvent) => {
    if (!(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== 'z' || isText(event.target)) return;
    event.preventDefault();
    if (event.shiftKey) editor.redo();
    else editor.undo();
  };
  return (
    <NamesContext value={names}>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: shortcuts of all that is in it */}
      <div className="stack" onKeyDown={keys}>
        {editor.isChanged && (
          <div className="banner" role="status">
            <span className="grow">
              {published === undefined ? 'Not published yet.' : 'Changes that are not published.'} They are
              kept in this browser.
            </span>
            <button
              type="button"
              className="button small"
              onClick={() => {
                editor.forget();
                onDiscard();
              }}
            >
              Discard {published === undefined ? 'draft' : 'changes'}
            </button>
          </div>
        )}
        <div className="row spread">
          <div className="row">
            <div className="modes" role="group" aria-label="View">
              {MODES.map(([each, label]) => (
                <button key={each} type="button" aria-pressed={mode === each} onClick={() => setMode(each)}>
                  {label}
                </button>
              ))}
            </div>
            <button
              type="button"
              className="button icon small"
              aria-label="Undo"
              aria-keyshortcuts="Control+Z"
              disabled={editor.history.past.length === 0}
              onClick={editor.undo}
            >
              <Undo2 aria-hidden="true" />
            </button>
            <button
              type="button"
              className="button icon small"
              aria-label="Redo"
              aria-keyshortcuts="Control+Shift+Z"
              disabled={editor.history.future.length === 0}
              onClick={editor.redo}
            >
              <Redo2 aria-hidden="true" />
            </button>
            <AddState editor={editor} onAdded={setSelected} />
            {mode === 'graph' && (
              <button type="button" className="button small" onClick={editor.arrange}>
                <LayoutGrid aria-hidden="true" />
                Arrange
              </button>
            )}
          </div>
          <div className="row">
            <button
              type="button"
              className="button small"
              onClick={() =>
                saveFile(`${editor.name}-definition.json`, JSON.stringify(document, undefined, 2))
              }
            >
              <Download aria-hidden="true" />
              Export
            </button>
            <button
              type="button"
              className="button primary small"
              disabled={!editor.isChanged}
              onClick={() => setPublishing(true)}
            >
              <Upload aria-hidden="true" />
              Publish…
            </button>
          </div>
        </div>
        <div className="editor">
          <Panel title={mode === 'json' ? 'Definition' : 'Model'} flush>
            {mode === 'graph' && editor.read.ok && (
              <ModelGraph
                label={`Graph of ${editor.name}`}
                definition={editor.read.definition}
                selected={selected}
                onSelect={setSelected}
                marks={editor.marks}
                placed={editor.placed}
                onPlace={editor.place}
                onConnect={(from, to) => {
                  const state = states.indexOf(from);
                  const existing = at(document, ['states', state, 'onInput', 'transitionEvents']);
                  editor.run({ type: 'add-transition', from: state, to });
                  setSelected(transitionId(state, Array.isArray(existing) ? existing.length : 0));
                }}
              />
            )}
            {mode === 'graph' && !editor.read.ok && (
              <p className="body soft">There is no graph to draw: the JSON is not a definition yet.</p>
            )}
            {mode === 'list' && <ListView editor={editor} selected={selected} onSelect={setSelected} />}
            {mode === 'json' && (
              <Suspense fallback={<Loading what="Loading the editor" />}>
                <CodeEditor
                  label="Definition"
                  names={names}
                  findings={editor.findings}
                  text={JSON.stringify(document, undefined, 2)}
                  onChange={(text) => {
                    const value = parse(text);
                    if (value !== undefined && JSON.stringify(value) !== JSON.stringify(document))
                      editor.run({ type: 'replace-all', value }, 'json');
                  }}
                />
              </Suspense>
            )}
          </Panel>
          <div className="stack">
            <Panel title={titleOf(selected, document)} className="inspector">
              {selected === undefined ? (
                <p className="soft">
                  Choose a state or a transition to see and change it.
                  {mode === 'graph' &&
                    ' Drag from the right edge of a state to another to make a transition.'}
                </p>
              ) : (
                <Suspense fallback={<Loading what="Loading the inspector" />}>
                  <Inspector
                    key={selected}
                    editor={editor}
                    selected={selected}
                    states={states}
                    problemAt={problemAt}
                    goal={goal}
                    onReached={() => setGoal(undefined)}
                    onRemoved={() => setSelected(undefined)}
                  />
                </Suspense>
              )}
            </Panel>
            <Problems editor={editor} onGo={go} />
          </div>
        </div>
        {publishing && (
          <PublishDialog
            editor={editor}
            published={published}
            attributes={[...new Set([...inputs.values()].flat())].sort()}
            onClose={() => setPublishing(false)}
          />
        )}
      </div>
    </NamesContext>
  );
}

function titleOf(selected: string | undefined, document: Json): string {
  if (selected === undefined) return 'Inspector';
  const value = at(document, parsePath(selected));
  if (!isObject(value)) return 'Inspector';
  if (selected.includes('transitionEvents')) return `Transition ${String(value.eventName || 'Untitled')}`;
  return `State ${String(value.stateName || 'without a name')}`;
}

function isText(target: EventTarget): boolean {
  return target instanceof HTMLElement && target.matches('input, textarea, [contenteditable="true"]');
}

function parse(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch {
    // The editor marks it; the document stays as it is until it is JSON again.
    return undefined;
  }
}

/** What the draft is compared with, to know whether anything changed. */
function textOf({
  detectorModelDefinition,
  detectorModelConfiguration: configuration,
}: DetectorModel): string {
  return JSON.stringify({
    definition: detectorModelDefinition,
    settings: {
      description: configuration?.detectorModelDescription ?? '',
      key: configuration?.key ?? '',
      roleArn: configuration?.roleArn ?? '',
      evaluationMethod: configuration?.evaluationMethod ?? 'BATCH',
    },
  });
}
