import { Copy, Play, Plus, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { LIFECYCLES, type Lifecycle } from '../document/commands.ts';
import { at, isList, isObject, type Path, parsePath } from '../document/json.ts';
import { EventEditor } from './event-editor.tsx';
import { TextField } from './fields.tsx';
import type { Editor } from './use-editor.ts';

export interface StateEditorProps {
  readonly editor: Editor;
  readonly state: number;
  readonly states: readonly string[];
  readonly problemAt: (place: string) => string | undefined;
  readonly onRemoved: () => void;
}

const TITLES: Readonly<Record<Lifecycle, string>> = {
  onEnter: 'onEnter: when a detector enters the state',
  onInput: 'onInput: with each message and timer',
  onExit: 'onExit: when a detector leaves the state',
};

/** One state: its name, its events by lifecycle and its transitions. */
export function StateEditor({ editor, state, states, problemAt, onRemoved }: StateEditorProps) {
  const document = editor.history.document;
  const value = at(document, ['states', state]);
  if (!isObject(value)) return null;
  const name = String(value.stateName ?? '');
  const isInitial = at(document, ['initialStateName']) === name;
  return (
    <div className="stack">
      <TextField
        label="State name"
        value={name}
        onChange={(next) =>
          editor.run({ type: 'rename-state', state, name: next }, `states[${state}].stateName`)
        }
        problem={problemAt(`states[${state}].stateName`) ?? problemAt(`states[${state}]`)}
        place={`states[${state}].stateName`}
      />
      <div className="row">
        <button
          type="button"
          className="button small"
          disabled={isInitial}
          onClick={() => editor.run({ type: 'set-initial', state })}
        >
          <Play aria-hidden="true" />
          {isInitial ? 'Initial state' : 'Make initial'}
        </button>
        <button
          type="button"
          className="button small"
          onClick={() => editor.run({ type: 'duplicate-state', state })}
        >
          <Copy aria-hidden="true" />
          Duplicate
        </button>
        <button
          type="button"
          className="button danger small"
          onClick={() => {
            editor.run({ type: 'remove-state', state });
            onRemoved();
          }}
        >
          <Trash2 aria-hidden="true" />
          Delete state
        </button>
      </div>
      <section className="stack tight">
        <h3>Transitions</h3>
        <Events
          editor={editor}
          path={['states', state, 'onInput', 'transitionEvents']}
          states={states}
          problemAt={problemAt}
        />
        <AddTransition editor={editor} from={state} states={states} />
      </section>
      {LIFECYCLES.map((lifecycle) => (
        <section key={lifecycle} className="stack tight">
          <h3>{TITLES[lifecycle]}</h3>
          <Events
            editor={editor}
            path={['states', state, lifecycle, 'events']}
            states={states}
            problemAt={problemAt}
          />
          <div>
            <button
              type="button"
              className="button small"
              aria-label={`Add event: ${lifecycle}`}
              onClick={() => editor.run({ type: 'add-event', state, lifecycle })}
            >
              <Plus aria-hidden="true" />
              Add event
            </button>
          </div>
        </section>
      ))}
    </div>
  );
}

interface EventsProps {
  readonly editor: Editor;
  readonly path: Path;
  readonly states: readonly string[];
  readonly problemAt: (place: string) => string | undefined;
}

function Events({ editor, path, states, problemAt }: EventsProps) {
  const events = at(editor.history.document, path);
  if (!isList(events) || events.length === 0) return <p className="soft small-text">None</p>;
  return (
    <div>
      {events.map((_, index) => (
        <EventEditor
          // biome-ignore lint/suspicious/noArrayIndexKey: events have no identity but their place
          key={index}
          editor={editor}
          path={[...path, index]}
          states={states}
          problemAt={problemAt}
        />
      ))}
    </div>
  );
}

interface AddTransitionProps {
  readonly editor: Editor;
  readonly from: number;
  readonly states: readonly string[];
}

function AddTransition({ editor, from, states }: AddTransitionProps) {
  const [chosen, setChosen] = useState<string>();
  const to =
    chosen !== undefined && states.includes(chosen)
      ? chosen
      : (states.find((_, place) => place !== from) ?? states[0]);
  if (to === undefined) return null;
  return (
    <div className="row">
      <select
        className="select"
        aria-label="Where the transition leads"
        value={to}
        onChange={(event) => setChosen(event.target.value)}
      >
        {states.map((each) => (
          <option key={each}>{each}</option>
        ))}
      </select>
      <button
        type="button"
        className="button small"
        onClick={() => editor.run({ type: 'add-transition', from, to })}
      >
        <Plus aria-hidden="true" />
        Add transition
      </button>
    </div>
  );
}

/** The state of an id of the graph. */
export function stateOfId(id: string): number | undefined {
  const [first, state] = parsePath(id);
  return first === 'states' && typeof state === 'number' ? state : undefined;
}
