import { ArrowDown, ArrowUp, ChevronDown, Plus, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { ACTION_TYPES } from '../document/commands.ts';
import { at, isList, isObject, type Path, pathText } from '../document/json.ts';
import { ActionFields } from './action-fields.tsx';
import { ExpressionField } from './expression-field.tsx';
import { ChoiceField, TextField } from './fields.tsx';
import { marksOf } from './marks.ts';
import type { Editor } from './use-editor.ts';

export interface EventEditorProps {
  readonly editor: Editor;
  readonly path: Path;
  readonly states: readonly string[];
  readonly problemAt: (place: string) => string | undefined;
  /** Open from the start, as in the inspector of a transition. */
  readonly isOpen?: boolean;
}

/** One event or transition event: its name, condition, where it leads and its actions. */
export function EventEditor({ editor, path, states, problemAt, isOpen = false }: EventEditorProps) {
  const event = at(editor.history.document, path);
  if (!isObject(event)) return null;
  const isTransition = path.at(-2) === 'transitionEvents';
  const name = String(event.eventName ?? '');
  const set = (member: string, value: string | undefined) => {
    const whole = [...path, member];
    editor.run({ type: 'set', path: whole, value }, pathText(whole));
  };
  const place = pathText(path);
  const hasProblem = editor.findings.some(
    ({ level, locations }) => level !== 'INFO' && locations.some((each) => each.path.startsWith(place)),
  );
  return (
    <details className="event" open={isOpen || undefined} data-event={place}>
      <summary>
        <ChevronDown aria-hidden="true" />
        <span className="grow truncate">{name || 'Untitled'}</span>
        {isTransition && <span className="soft small-text truncate">to {String(event.nextState)}</span>}
        {hasProblem && <strong className="small-text">has findings</strong>}
      </summary>
      <div className="stack tight event-body">
        <TextField
          label={isTransition ? 'Transition name' : 'Event name'}
          value={name}
          onChange={(value) => set('eventName', value)}
          problem={problemAt(`${place}.eventName`)}
          place={`${place}.eventName`}
        />
        <ExpressionField
          label={isTransition ? 'Condition' : 'Condition (empty: always)'}
          value={typeof event.condition === 'string' ? event.condition : ''}
          onChange={(value) => set('condition', value === '' && !isTransition ? undefined : value)}
          marks={marksOf(editor.findings, place, 'condition')}
          problem={problemAt(`${place}.condition`) ?? problemAt(place)}
          place={`${place}.condition`}
        />
        {isTransition && (
          <ChoiceField
            label="Next state"
            value={String(event.nextState ?? '')}
            values={states}
            onChange={(value) => set('nextState', value)}
            place={`${place}.nextState`}
          />
        )}
        <Actions editor={editor} path={path} problemAt={problemAt} />
        <div className="row">
          <button
            type="button"
            className="button danger small"
            onClick={() => editor.run({ type: 'remove', path })}
          >
            <Trash2 aria-hidden="true" />
            Delete {isTransition ? 'transition' : 'event'}
          </button>
        </div>
      </div>
    </details>
  );
}

interface ActionsProps {
  readonly editor: Editor;
  /** Of the event. */
  readonly path: Path;
  readonly problemAt: (place: string) => string | undefined;
}

function Actions({ editor, path, problemAt }: ActionsProps) {
  const [type, setType] = useState('setVariable');
  const list = at(editor.history.document, [...path, 'actions']);
  const actions = isList(list) ? list : [];
  return (
    <fieldset className="pairs">
      <legend className="label">Actions, in their order</legend>
      {actions.map((action, index) => {
        const here: Path = [...path, 'actions', index];
        const name = isObject(action) ? (Object.keys(action)[0] ?? 'action') : 'action';
        return (
          // biome-ignore lint/suspicious/noArrayIndexKey: actions have no identity but their place
          <div key={`${index} ${name}`} className="action" data-place={pathText(here)}>
            <div className="row spread">
              <strong>{name}</strong>
              <span className="row tight">
                <Move editor={editor} path={here} by={-1} isLast={index === 0} name={name} />
                <Move editor={editor} path={here} by={1} isLast={index === actions.length - 1} name={name} />
                <button
                  type="button"
                  className="button quiet icon small"
                  aria-label={`Delete ${name}`}
                  onClick={() => editor.run({ type: 'remove', path: here })}
                >
                  <Trash2 aria-hidden="true" />
                </button>
              </span>
            </div>
            <ActionFields editor={editor} path={here} problemAt={problemAt} />
          </div>
        );
      })}
      <div className="row">
        <select
          className="select"
          aria-label="Type of action"
          value={type}
          onChange={(event) => setType(event.target.value)}
        >
          {ACTION_TYPES.map((each) => (
            <option key={each}>{each}</option>
          ))}
        </select>
        <button
          type="button"
          className="button small"
          onClick={() => editor.run({ type: 'add-action', event: path, action: type })}
        >
          <Plus aria-hidden="true" />
          Add action
        </button>
      </div>
    </fieldset>
  );
}

interface MoveProps {
  readonly editor: Editor;
  readonly path: Path;
  readonly by: 1 | -1;
  readonly isLast: boolean;
  readonly name: string;
}

function Move({ editor, path, by, isLast, name }: MoveProps) {
  const Icon = by === 1 ? ArrowDown : ArrowUp;
  return (
    <button
      type="button"
      className="button quiet icon small"
      aria-label={`Move ${name} ${by === 1 ? 'down' : 'up'}`}
      disabled={isLast}
      onClick={() => editor.run({ type: 'move', path, to: Number(path.at(-1)) + by })}
    >
      <Icon aria-hidden="true" />
    </button>
  );
}
