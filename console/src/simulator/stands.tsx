import { Timer } from 'lucide-react';
import type { CustomerActionName } from '../../../src/core/alarm/types.ts';
import { renderJson } from '../../../src/core/expression/json.ts';
import type { SimulatedModel } from '../../../src/simulate/models.ts';
import { instanceId, type Stand } from '../../../src/simulate/session/moment.ts';
import { showDuration } from '../../../src/simulate/times.ts';
import { DEEDS, type Deed, POSSIBLE } from '../alarms/deeds.ts';
import { StateName, Status } from '../components/badge.tsx';
import { Panel } from '../components/page.tsx';
import { absoluteText } from '../components/time.tsx';
import { VariablesTable } from '../components/variables-table.tsx';
import type { Play } from './use-session.ts';

/** The state of a detector or an alarm. */
export function StandState({ stand: { model, state } }: { readonly stand: Stand }) {
  if (model.kind === 'alarm') return <Status of={state} />;
  const { states } = model.source.detectorModelDefinition;
  return <StateName name={state} place={states.findIndex(({ stateName }) => stateName === state)} />;
}

export interface HoldsProps {
  readonly model: SimulatedModel;
  readonly stand: Stand | undefined;
  /** Milliseconds since the epoch: the moment that is looked at. */
  readonly now: number;
  readonly play: Play;
}

/** What a detector or an alarm holds at a moment. */
export function Holds({ model, stand, now, play }: HoldsProps) {
  const noun = model.kind === 'alarm' ? 'Alarm' : 'Detector';
  if (stand === undefined)
    return (
      <Panel title={noun}>
        <p className="soft">There is none at this moment: a message creates it.</p>
      </Panel>
    );
  const { keyValue, variables, timers } = stand;
  return (
    <Panel title={`${noun} ${keyValue ?? model.compiled.name}`} actions={<StandState stand={stand} />} flush>
      {model.kind === 'alarm' ? (
        <Operator stand={stand} play={play} />
      ) : (
        <VariablesTable variables={variables.map(([name, value]) => ({ name, value: renderJson(value) }))} />
      )}
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

/** Seconds of a snooze in the simulation. */
const SNOOZE = 900;
const LABELS: Readonly<Record<Deed, string>> = {
  acknowledge: 'Acknowledge',
  snooze: 'Snooze for 15 min',
  disable: 'Disable',
  enable: 'Enable',
  reset: 'Reset',
};

/** What an operator can do to the alarm. */
function Operator({ stand, play }: { readonly stand: Stand; readonly play: Play }) {
  const { model, keyValue, state } = stand;
  const operate = (deed: Deed) =>
    play.act((session) =>
      session.operate(model.compiled.name, keyValue, {
        actionName: deed.toUpperCase() as CustomerActionName,
        ...(deed === 'snooze' && { snoozeDuration: SNOOZE }),
      }),
    );
  return (
    <div className="body row" role="group" aria-label="As an operator">
      {DEEDS.filter((deed) => POSSIBLE[deed].includes(state)).map((deed) => (
        <button
          key={deed}
          type="button"
          className="button small"
          disabled={play.session.isFull}
          onClick={() => operate(deed)}
        >
          {LABELS[deed]}
        </button>
      ))}
    </div>
  );
}

export interface StandsProps {
  readonly stands: readonly Stand[];
  /** The instance whose moments alone are shown. */
  readonly chosen: string | undefined;
  readonly onChoose: (id: string | undefined) => void;
}

/** Rows that are drawn; with more keys than that the choice of one detector is the better way. */
const MOST_SHOWN = 50;

/** Where all detectors and alarms of several models stand at a moment. */
export function Stands({ stands, chosen, onChoose }: StandsProps) {
  return (
    <Panel title="All states" flush>
      {stands.length === 0 ? (
        <p className="body soft">No message has created a detector or an alarm yet.</p>
      ) : (
        <ul className="stands" aria-label="Detectors and alarms">
          {stands.slice(0, MOST_SHOWN).map((stand) => {
            const id = instanceId(stand);
            return (
              <li key={id}>
                <button
                  type="button"
                  aria-pressed={chosen === id}
                  onClick={() => onChoose(chosen === id ? undefined : id)}
                >
                  <span className="grow wrap">
                    {stand.model.compiled.name}
                    {stand.keyValue !== undefined && <span className="soft"> {stand.keyValue}</span>}
                  </span>
                  <StandState stand={stand} />
                </button>
              </li>
            );
          })}
        </ul>
      )}
      {stands.length > MOST_SHOWN && (
        <p className="body soft">{(stands.length - MOST_SHOWN).toLocaleString('en')} more</p>
      )}
    </Panel>
  );
}
