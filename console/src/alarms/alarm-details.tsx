import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { alarmQuery, type InboxAlarm } from '../api/queries.ts';
import { Status } from '../components/badge.tsx';
import { CopyCall } from '../components/copy-call.tsx';
import { Panel } from '../components/page.tsx';
import { Time } from '../components/time.tsx';
import { signOf } from './sign-of.ts';

/** One alarm: its state, the value that made it so, and what was done to it last. */
export function AlarmDetails({ alarm }: { readonly alarm: InboxAlarm }) {
  const { alarmModelName = '', keyValue } = alarm;
  const { data } = useQuery(alarmQuery(alarmModelName, keyValue));
  const rule = data?.alarmState?.ruleEvaluation?.simpleRuleEvaluation;
  const action = data?.alarmState?.customerAction;
  const note = [
    action?.acknowledgeActionConfiguration,
    action?.snoozeActionConfiguration,
    action?.disableActionConfiguration,
    action?.enableActionConfiguration,
    action?.resetActionConfiguration,
  ].find((each) => each !== undefined)?.note;
  return (
    <Panel
      title={keyValue ?? alarmModelName}
      actions={
        <CopyCall
          operation="DescribeAlarm"
          input={{ alarmModelName, ...(keyValue !== undefined && { keyValue }) }}
        />
      }
    >
      <dl className="facts">
        <dt>State</dt>
        <dd>
          <Status of={data?.alarmState?.stateName ?? alarm.stateName ?? ''} />
        </dd>
        <dt>Alarm model</dt>
        <dd>
          <Link to="/alarm-models/$model" params={{ model: alarmModelName }} className="wrap">
            {alarmModelName}
          </Link>
        </dd>
        <dt>Severity</dt>
        <dd>{alarm.severity ?? '–'}</dd>
        <dt>Last value</dt>
        <dd className="mono">
          {rule === undefined
            ? '–'
            : `${rule.inputPropertyValue} ${signOf(rule.operator)} ${rule.thresholdValue}`}
        </dd>
        <dt>Last action</dt>
        <dd>
          {action?.actionName === undefined
            ? '–'
            : action.actionName.charAt(0) + action.actionName.slice(1).toLowerCase()}
          {note !== undefined && `: ${note}`}
        </dd>
        <dt>Created</dt>
        <dd>
          <Time at={alarm.creationTime === undefined ? undefined : alarm.creationTime * 1000} />
        </dd>
        <dt>Last change</dt>
        <dd>
          <Time at={alarm.lastUpdateTime === undefined ? undefined : alarm.lastUpdateTime * 1000} />
        </dd>
      </dl>
    </Panel>
  );
}
