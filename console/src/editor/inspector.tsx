import { useEffect, useRef } from 'react';
import { at, parsePath } from '../document/json.ts';
import { EventEditor } from './event-editor.tsx';
import { StateEditor, stateOfId } from './state-editor.tsx';
import type { Editor } from './use-editor.ts';

export interface InspectorProps {
  readonly editor: Editor;
  readonly selected: string;
  readonly states: readonly string[];
  readonly problemAt: (place: string) => string | undefined;
  readonly onRemoved: () => void;
  /** The place in the definition that the focus has to go to, and what to call once it is there. */
  readonly goal: string | undefined;
  readonly onReached: () => void;
}

/** What is selected, to see and to change. */
export function Inspector(props: InspectorProps) {
  const { goal, onReached } = props;
  const frame = useRef<HTMLDivElement>(null);
  const reached = useRef(onReached);
  reached.current = onReached;
  useEffect(() => {
    if (goal === undefined || frame.current === null) return;
    focusPlace(frame.current, goal);
    reached.current();
  }, [goal]);
  return (
    <div ref={frame}>
      <Selected {...props} />
    </div>
  );
}

function Selected({ editor, selected, states, problemAt, onRemoved }: InspectorProps) {
  const state = stateOfId(selected);
  if (state === undefined || at(editor.history.document, ['states', state]) === undefined)
    return <p className="soft">It is not there any more.</p>;
  if (selected.includes('transitionEvents'))
    return (
      <EventEditor editor={editor} path={parsePath(selected)} states={states} problemAt={problemAt} isOpen />
    );
  return (
    <StateEditor editor={editor} state={state} states={states} problemAt={problemAt} onRemoved={onRemoved} />
  );
}

const FIELDS = 'input, textarea, select, .cm-content';

/** Opens what a place is in, and moves the focus to its field, or to the closest one. */
function focusPlace(inspector: HTMLElement, path: string): void {
  const fields = [...inspector.querySelectorAll<HTMLElement>('[data-place]')];
  const fitting = fields
    .filter(
      ({ dataset }) => path.startsWith(dataset.place ?? '-') || dataset.place?.startsWith(path) === true,
    )
    .sort((a, b) => common(b, path) - common(a, path));
  const field = fitting[0] ?? fields[0];
  for (let parent = field?.parentElement; parent; parent = parent.parentElement) {
    if (parent instanceof HTMLDetailsElement) parent.open = true;
  }
  const target = field?.matches(FIELDS) ? field : field?.querySelector<HTMLElement>(FIELDS);
  target?.focus();
  target?.scrollIntoView({ block: 'center' });
}

function common({ dataset }: HTMLElement, path: string): number {
  const place = dataset.place ?? '';
  let length = 0;
  while (length < place.length && place[length] === path[length]) length++;
  return length;
}
