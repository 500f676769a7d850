import { Send } from 'lucide-react';
import { type FormEvent, useId, useState } from 'react';
import type { SimulatedModel } from '../../../src/simulate/models.ts';
import { parsePayload } from '../../../src/simulate/payload.ts';
import { Panel } from '../components/page.tsx';
import { sampleMessage } from '../messages/sample.ts';
import { firstTyped, messageOf, typedOf } from './compose.ts';
import { MessageDrop } from './message-drop.tsx';
import type { Play } from './use-session.ts';

export interface ComposerProps {
  readonly play: Play;
  /** The inputs that the models read, with their attributes; none for an input that is not there yet. */
  readonly inputs: ReadonlyMap<string, readonly string[]>;
  /** The attribute that tells the detectors apart which an input feeds. */
  readonly keyPathOf: (inputName: string) => string | undefined;
  readonly models: readonly SimulatedModel[];
}

/** Composes a message from the attributes of an input, or as JSON, and sends it to the simulation. */
export function Composer({ play, inputs, keyPathOf, models }: ComposerProps) {
  const id = useId();
  const names = [...inputs.keys()];
  const [chosen, setChosen] = useState(names[0] ?? '');
  const inputName = inputs.has(chosen) ? chosen : (names[0] ?? '');
  const paths = inputs.get(inputName) ?? [];
  const keyPath = keyPathOf(inputName);
  const [mode, setMode] = useState<'form' | 'json'>('form');
  const [texts, setTexts] = useState<ReadonlyMap<string, string>>(new Map());
  const text =
    texts.get(inputName) ??
    (paths.length === 0
      ? sampleMessage(keyPath === undefined ? [] : [keyPath])
      : messageOf(paths, firstTyped(paths, keyPath)));
  const shownMode = paths.length === 0 ? 'json' : mode;
  const write = (next: string) => setTexts((before) => new Map(before).set(inputName, next));
  const parsed = parsePayload(text);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    play.act((session) => session.send(inputName, text));
  };
  if (inputName === '')
    return (
      <Panel title="Message">
        <p className="soft">Nothing reads an input here: only timers can change it.</p>
      </Panel>
    );
  return (
    <Panel
      title="Message"
      actions={
        paths.length > 0 && (
          <div className="modes" role="group" aria-label="Compose as">
            {(['form', 'json'] as const).map((each) => (
              <button key={each} type="button" aria-pressed={mode === each} onClick={() => setMode(each)}>
                {each === 'form' ? 'Form' : 'JSON'}
              </button>
            ))}
          </div>
        )
      }
    >
      <form className="stack tight" onSubmit={submit}>
        {names.length > 1 && (
          <div className="field">
            <label htmlFor={`${id}-input`}>Input</label>
            <select
              id={`${id}-input`}
              className="select"
              style={{ width: '100%' }}
              value={inputName}
              onChange={({ target }) => setChosen(target.value)}
            >
              {names.map((each) => (
                <option key={each}>{each}</option>
              ))}
            </select>
          </div>
        )}
        {shownMode === 'form' ? (
          <Attributes paths={paths} text={text} inputName={inputName} onChange={write} />
        ) : (
          <div className="field">
            <label htmlFor={`${id}-json`}>Payload (JSON)</label>
            <textarea
              id={`${id}-json`}
              className="area"
              rows={5}
              spellCheck={false}
              value={text}
              onChange={({ target }) => write(target.value)}
            />
            {paths.length === 0 && (
              <span className="hint">
                {inputName} is not among the inputs of the server, so its attributes are not known.
              </span>
            )}
          </div>
        )}
        {typeof parsed === 'string' && <p className="soft small-text">It will be rejected: {parsed}</p>}
        <div className="row">
          <button type="submit" className="button primary" disabled={play.session.isFull}>
            <Send aria-hidden="true" />
            Send to {inputName}
          </button>
        </div>
      </form>
      <MessageDrop
        play={play}
        inputName={inputName}
        alarmModelNames={models.flatMap(({ kind, compiled }) => (kind === 'alarm' ? [compiled.name] : []))}
      />
    </Panel>
  );
}

interface AttributesProps {
  readonly paths: readonly string[];
  readonly text: string;
  readonly inputName: string;
  readonly onChange: (text: string) => void;
}

function Attributes({ paths, text, inputName, onChange }: AttributesProps) {
  const id = useId();
  // What is typed, while it still stands for the text: `10.` would otherwise become `10` under somebody's hands.
  const [typing, setTyping] = useState({ inputName: '', text: '', typed: typedOf(paths, text) });
  const isCurrent = typing.text === text && typing.inputName === inputName;
  const typed = isCurrent ? typing.typed : typedOf(paths, text);
  const type = (path: string, value: string) => {
    const next = { ...typed, [path]: value };
    const message = messageOf(paths, next);
    setTyping({ inputName, text: message, typed: next });
    onChange(message);
  };
  return (
    <div className="attributes">
      {paths.map((path, index) => (
        <div key={path} className="field">
          <label htmlFor={`${id}-${index}`} className="wrap">
            {path}
          </label>
          <input
            id={`${id}-${index}`}
            className="input mono"
            spellCheck={false}
            value={typed[path] ?? ''}
            placeholder="absent"
            onChange={({ target }) => type(path, target.value)}
          />
        </div>
      ))}
      <p className="hint">
        A number, true or false is sent as one; anything else is text, and so is <code>"5"</code>. An empty
        field is left out.
      </p>
    </div>
  );
}
