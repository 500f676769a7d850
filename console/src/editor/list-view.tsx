import { Plus } from 'lucide-react';
import { statesOf } from '../document/commands.ts';
import { at, isList, isObject, type Json } from '../document/json.ts';
import { stateId, transitionId } from '../graph/project.ts';
import type { Editor } from './use-editor.ts';

export interface ListViewProps {
  readonly editor: Editor;
  readonly selected: string | undefined;
  readonly onSelect: (id: string) => void;
}

/** The model as a list: the same as the graph, for the keyboard, for screen readers and for small screens. */
export function ListView({ editor, selected, onSelect }: ListViewProps) {
  const document = editor.history.document;
  const initial = at(document, ['initialStateName']);
  return (
    <ul className="model-list" aria-label="States">
      {statesOf(document).map((state, place) => (
        <StateRow
          key={stateId(place)}
          state={state}
          place={place}
          isInitial={isObject(state) && state.stateName === initial}
          selected={selected}
          onSelect={onSelect}
        />
      ))}
    </ul>
  );
}

interface StateRowProps {
  readonly state: Json;
  readonly place: number;
  readonly isInitial: boolean;
  readonly selected: string | undefined;
  readonly onSelect: (id: string) => void;
}

function StateRow({ state, place, isInitial, selected, onSelect }: StateRowProps) {
  const name = isObject(state) ? String(state.stateName ?? '') : '';
  const transitions = at(state, ['onInput', 'transitionEvents']);
  const events = ['onEnter', 'onInput', 'onExit'].reduce((sum, lifecycle) => {
    const list = at(state, [lifecycle, 'events']);
    return sum + (isList(list) ? list.length : 0);
  }, 0);
  return (
    <li>
      <button
        type="button"
        aria-pressed={selected === stateId(place)}
        data-id={stateId(place)}
        onClick={() => onSelect(stateId(place))}
      >
        <strong className="wrap">{name || 'Without a name'}</strong>
        <span className="soft small-text">
          {isInitial && 'initial, '}
          {events === 1 ? '1 event' : `${events} events`}
        </span>
      </button>
      {isList(transitions) && transitions.length > 0 && (
        <ul aria-label={`Transitions of ${name}`}>
          {transitions.map((transition, index) => (
            <li key={transitionId(place, index)}>
              <button
                type="button"
                aria-pressed={selected === transitionId(place, index)}
                onClick={() => onSelect(transitionId(place, index))}
              >
                <span className="wrap">
                  {isObject(transition) ? String(transition.eventName || 'Untitled') : ''}
                </span>
                <span className="soft small-text wrap">
                  to {isObject(transition) ? String(transition.nextState) : ''}
                </span>
              </button>
            </li>
          ))}
        </ul>
      )}
    </li>
  );
}

export function AddState({
  editor,
  onAdded,
}: {
  readonly editor: Editor;
  readonly onAdded: (id: string) => void;
}) {
  return (
    <button
      type="button"
      className="button small"
      onClick={() => {
        editor.run({ type: 'add-state', name: 'New state' });
        onAdded(stateId(statesOf(editor.history.document).length));
      }}
    >
      <Plus aria-hidden="true" />
      Add state
    </button>
  );
}
