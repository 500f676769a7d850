import { FlaskConical, Workflow } from 'lucide-react';
import { useMemo, useState } from 'react';
import { inputsOf, type SimulatedModel } from '../../../src/simulate/models.ts';
import { instanceId, type Moment, type Stand, standsAt } from '../../../src/simulate/session/moment.ts';
import { MOST_MOMENTS } from '../../../src/simulate/session/session.ts';
import { signOf } from '../alarms/sign-of.ts';
import { Status } from '../components/badge.tsx';
import { Panel } from '../components/page.tsx';
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
import { Holds, Stands } from './stands.tsx';
import { usePlay } from './use-session.ts';

export interface SimulatorProps {
  /** The model at hand first, then those that are simulated with it. */
  readonly models: readonly [SimulatedModel, ...SimulatedModel[]];
  /** Of all inputs that the server has. */
  readonly inputs: KnownInputs;
  /** Lets somebody choose the models. */
  readonly onCompanions: () => void;
}

const ALL = '';

/** Models in virtual time: the server's engine, in this page. */
export function Simulator({ models, inputs, onCompanions }: SimulatorProps) {
  const play = usePlay(models);
  const [chosen, setChosen] = useState(ALL);
  const [drawn, setDrawn] = useState(models[0]);
  const [saving, setSaving] = useState(false);
  const { session, index } = play;
  const { moments } = session;
  const isOne = models.length === 1;
  const instances = instancesOf(moments);
  const only = instances.get(chosen);
  const places = [...moments.keys()].filter((place) => {
    const moment = moments[place];
    return (
      only === undefined || moment?.kind !== 'evaluation' || instanceId(moment.after) === instanceId(only)
    );
  });
  const at = places.findLast((place) => place <= index) ?? 0;
  const moment = moments[at];
  const stands = [...standsAt(moments, at).values()];
  const model = only?.model ?? drawn;
  const stand = standOf(moments.slice(0, at + 1), model, only);
  const event = moment?.kind === 'evaluation' ? eventOf(moment, at) : undefined;
  const isOfModel = moment?.kind === 'evaluation' && moment.evaluation.model === model;
  const transition = isOfModel ? event?.trace.transition : undefined;
  const used = useMemo(
    () => new Map(inputsOf(models).map((name) => [name, inputs.get(name) ?? []])),
    [models, inputs],
  );
  const keyPathOf = (inputName: string) =>
    models.find(({ compiled }) => compiled.inputs.has(inputName))?.source.key;
  const look = (place: number) => {
    play.look(place);
    const looked = moments[place];
    if (looked?.kind === 'evaluation') setDrawn(looked.evaluation.model);
  };
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
                {instances.size > 1 && (
                  <select
                    className="select"
                    aria-label={isOne ? 'Detector' : 'Detector or alarm'}
                    value={only === undefined ? ALL : chosen}
                    onChange={({ target }) => setChosen(target.value)}
                  >
                    <option value={ALL}>
                      All {instances.size} {isOne ? 'detectors' : 'detectors and alarms'}
                    </option>
                    {[...instances].sort(byName).map(([id, each]) => (
                      <option key={id} value={id}>
                        {isOne ? each.keyValue : nameOf(each)}
                      </option>
                    ))}
                  </select>
                )}
                <button type="button" className="button small" onClick={onCompanions}>
                  <Workflow aria-hidden="true" />
                  {isOne ? 'Other models…' : `${models.length} models…`}
                </button>
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
            <Scrubber play={play} places={places} namesModels={!isOne} />
            {!isOne && (
              <div className="modes drawn" role="group" aria-label="Model that is drawn">
                {models.map((each) => (
                  <button
                    key={each.compiled.name}
                    type="button"
                    aria-pressed={each === model}
                    onClick={() => {
                      setDrawn(each);
                      setChosen(ALL);
                    }}
                  >
                    {each.compiled.name}
                  </button>
                ))}
              </div>
            )}
            <Drawing model={model} stand={stand} transition={transition?.place} at={at} />
          </Panel>
        </div>
        <div className="stack">
          <Composer play={play} inputs={used} keyPathOf={keyPathOf} models={models} />
          <Holds model={model} stand={stand} now={moment?.time ?? session.time} play={play} />
          {!isOne && (
            <Stands
              stands={stands}
              chosen={only === undefined ? undefined : chosen}
              onChoose={(id) => setChosen(id ?? ALL)}
            />
          )}
        </div>
      </div>
      <div className="columns even simulator">
        <Panel title="What happened" flush>
          <Moments
            moments={moments}
            places={places}
            start={session.start}
            selected={at}
            namesModels={!isOne}
            onSelect={look}
          />
        </Panel>
        <Panel title="Why did it (not) fire?">
          {moment?.kind === 'evaluation' && event !== undefined ? (
            <>
              {!isOne && <h3>{nameOf(moment.after)}</h3>}
              <Why event={event} requests={requestTexts(moment)} />
            </>
          ) : moment?.kind === 'rejection' ? (
            <p>It was rejected: {moment.rejection.message}.</p>
          ) : (
            <p className="soft">
              Send a message or move the clock. Each condition shows here with the values it saw; go back to
              any moment with the slider.
            </p>
          )}
        </Panel>
      </div>
      {saving && <SaveTest session={session} onClose={() => setSaving(false)} />}
    </>
  );
}

/** The detectors and alarms of a session, as they stood when they were last evaluated. */
function instancesOf(moments: readonly Moment[]): Map<string, Stand> {
  return standsAt(moments, moments.length - 1);
}

function byName([, a]: readonly [string, Stand], [, b]: readonly [string, Stand]): number {
  return nameOf(a).localeCompare(nameOf(b));
}

function nameOf({ model, keyValue }: Stand): string {
  return keyValue === undefined ? model.compiled.name : `${model.compiled.name} ${keyValue}`;
}

/** Of the model that is drawn: the chosen one, or the one that was evaluated last. */
function standOf(
  moments: readonly Moment[],
  model: SimulatedModel,
  only: Stand | undefined,
): Stand | undefined {
  const last = moments.findLast(
    (each) =>
      each.kind === 'evaluation' &&
      (only === undefined ? each.evaluation.model === model : instanceId(each.after) === instanceId(only)),
  );
  return last?.kind === 'evaluation' ? last.after : undefined;
}

interface DrawingProps {
  readonly model: SimulatedModel;
  readonly stand: Stand | undefined;
  /** The place of the transition that was just taken. */
  readonly transition: string | undefined;
  readonly at: number;
}

/** The graph of a detector model, or the rule of an alarm model. */
function Drawing({ model, stand, transition, at }: DrawingProps) {
  if (model.kind === 'detector')
    return (
      <ModelGraph
        key={model.compiled.name}
        label={`Graph of ${model.compiled.name}`}
        definition={model.source.detectorModelDefinition}
        active={stand?.state}
        fired={transition === undefined ? new Map() : new Map([[transition, at]])}
      />
    );
  const rule = model.source.alarmRule?.simpleRule;
  return (
    <dl className="facts body">
      <dt>Active when</dt>
      <dd>
        <code className="wrap">
          {rule?.inputProperty} {signOf(rule?.comparisonOperator)} {rule?.threshold}
        </code>
      </dd>
      <dt>State</dt>
      <dd>{stand === undefined ? 'No alarm yet' : <Status of={stand.state} />}</dd>
    </dl>
  );
}
