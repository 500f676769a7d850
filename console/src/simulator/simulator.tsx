import { FlaskConical, Timer } from 'lucide-react';
import { useMemo, useState } from 'react';
import { renderJson } from '../../../src/core/expression/json.ts';
import { inputsOf, type SimulatedModel } from '../../../src/simulate/models.ts';
import { type Stand, standsAt } from '../../../src/simulate/session/moment.ts';
import { MOST_MOMENTS } from '../../../src/simulate/session/session.ts';
import { showDuration } from '../../../src/simulate/times.ts';
import { StateName } from '../components/badge.tsx';
import { Panel } from '../components/page.tsx';
import { absoluteText } from '../components/time.tsx';
import { VariablesTable } from '../components/variables-table.tsx';
import type { KnownInputs } from '../editor/check.ts';
import { ModelGraph } from '../graph/model-graph.tsx';
import { Why } from '../trace/why.tsx';
import { Clock } from './clock.tsx';
import { Composer } from './composer.tsx';
import { eventOf, requestTexts } from './event-of.ts';
import { Moments } from './moments.tsx';
import { SaveTest } from './save-test.tsx';
import { Scrubber } from './scrubber.tsx';
import './simulator.css';
import { usePlay } from './use-session.ts';

export interface SimulatorProps {
  readonly model: SimulatedModel;
  /** Of all inputs that the server has. */
  readonly inputs: KnownInputs;
}

const ALL = '';

/** A model in virtual time: the server's engine, in this page. */
export function Simulator({ model, inputs }: SimulatorProps) {
  const play = usePlay(model);
  const [key, setKey] = useState(ALL);
  const [saving, setSaving] = useState(false);
  const { session, index } = play;
  const { moments } = session;
  const keys = keysOf(play.session.moments);
  const isOne = key !== ALL && keys.includes(key);
  const places = [...moments.keys()].filter((place) => {
    const moment = moments[place];
    return !isOne || moment?.kind !== 'evaluation' || moment.after.keyValue === key;
  });
  const at = places.findLast((place) => place <= index) ?? 0;
  const moment = moments[at];
  const stands = standsAt(moments, at);
  const shownKey = isOne ? key : moment?.kind === 'evaluation' ? moment.after.keyValue : lastKey(moments, at);
  const stand = stands.get(shownKey);
  const event = moment?.kind === 'evaluation' ? eventOf(moment, at) : undefined;
  const transition = event?.trace.transition;
  const used = useMemo(
    () => new Map(inputsOf([model]).map((name) => [name, inputs.get(name) ?? []])),
    [model, inputs],
  );
  if (model.kind === 'alarm') return null;
  const { detectorModelDefinition: definition } = model.source;
  return (
    <>
      <Clock play={play} />
      {session.isFull && (
        <div className="banner" role="status">
          <span className="grow">
            The session keeps no more than {MOST_MOMENTS.toLocaleString('en')} moments. Go back to one, or
            restart.
          </span>
        </div>
      )}
      <div className="columns">
        <div className="stack">
          <Panel
            title="Simulation"
            flush
            actions={
              <>
                {keys.length > 1 && (
                  <select
                    className="select"
                    aria-label="Detector"
                    value={isOne ? key : ALL}
                    onChange={({ target }) => setKey(target.value)}
                  >
                    <option value={ALL}>All {keys.length} detectors</option>
                    {keys.map((each) => (
                      <option key={each}>{each}</option>
                    ))}
                  </select>
                )}
                <button
                  type="button"
                  className="button small"
                  disabled={session.moves.length === 0}
                  onClick={() => setSaving(true)}
                >
                  <FlaskConical aria-hidden="true" />
                  Save as test…
                </button>
              </>
            }
          >
            <Scrubber play={play} places={places} />
            <ModelGraph
              label={`Graph of ${model.compiled.name}`}
              definition={definition}
              active={stand?.state}
              fired={transition === undefined ? new Map() : new Map([[transition.place, at]])}
            />
          </Panel>
        </div>
        <div className="stack">
          <Composer play={play} inputs={used} keyPath={model.source.key} />
          <Holds
            stand={stand}
            now={moment?.time ?? session.time}
            place={definition.states.findIndex(({ stateName }) => stateName === stand?.state)}
          />
        </div>
      </div>
      <div className="columns even simulator">
        <Panel title="What happened" flush>
          <Moments
            moments={moments}
            places={places}
            start={session.start}
            selected={at}
            onSelect={play.look}
          />
        </Panel>
        <Panel title="Why did it (not) fire?">
          {moment?.kind === 'evaluation' && event !== undefined ? (
            <Why event={event} requests={requestTexts(moment)} />
          ) : moment?.kind === 'rejection' ? (
            <p>The message was rejected: {moment.rejection.message}.</p>
          ) : (
            <p className="soft">
              Send a message or move the clock. Each condition shows here with the values it saw; go back to
              any moment with the slider.
            </p>
          )}
        </Panel>
      </div>
      {saving && <SaveTest session={session} model={model} onClose={() => setSaving(false)} />}
    </>
  );
}

function keysOf(moments: ReturnType<typeof usePlay>['session']['moments']): string[] {
  const keys = new Set<string>();
  for (const moment of moments)
    if (moment.kind === 'evaluation' && moment.after.keyValue !== undefined) keys.add(moment.after.keyValue);
  return [...keys].sort();
}

function lastKey(moments: ReturnType<typeof usePlay>['session']['moments'], at: number): string | undefined {
  const last = moments.slice(0, at + 1).findLast(({ kind }) => kind === 'evaluation');
  return last?.kind === 'evaluation' ? last.after.keyValue : undefined;
}

interface HoldsProps {
  readonly stand: Stand | undefined;
  /** Milliseconds since the epoch: the moment that is looked at. */
  readonly now: number;
  /** Of the state in the definition. */
  readonly place: number;
}

/** What a detector holds at a moment. */
function Holds({ stand, now, place }: HoldsProps) {
  if (stand === undefined)
    return (
      <Panel title="Detector">
        <p className="soft">There is none at this moment: a message creates it.</p>
      </Panel>
    );
  const { keyValue, modelName, state, variables, timers } = stand;
  return (
    <Panel
      title={`Detector ${keyValue ?? modelName}`}
      actions={<StateName name={state} place={place} />}
      flush
    >
      <VariablesTable variables={variables.map(([name, value]) => ({ name, value: renderJson(value) }))} />
      {timers.length > 0 && (
        <ul className="timers" aria-label="Timers">
          {timers.map(({ name, expiresAt }) => (
            <li key={name} title={absoluteText(expiresAt)}>
              <Timer aria-hidden="true" />
              <span className="grow wrap">{name}</span>
              <strong className="number">in {showDuration(Math.max(0, expiresAt - now))}</strong>
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}
