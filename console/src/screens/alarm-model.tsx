import { useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { BellRing } from 'lucide-react';
import { type ReactNode, useId, useState } from 'react';
import { COMPARISON_OPERATORS, type ComparisonOperator } from '../../../src/core/alarm/definition.ts';
import { type AlarmDraft, draftOf, EMPTY_DRAFT, readDraft } from '../alarm-models/draft.ts';
import { call } from '../api/call.ts';
import { alarmModelQuery } from '../api/queries.ts';
import { useMay } from '../app/session.ts';
import { Badge } from '../components/badge.tsx';
import { CopyCall } from '../components/copy-call.tsx';
import { DeleteButton } from '../components/delete-button.tsx';
import { Failed, Loading, Problem } from '../components/notice.tsx';
import { PageHead, Panel } from '../components/page.tsx';
import { say } from '../components/toast.tsx';
import { attributesQuery } from '../editor/attributes.ts';

const route = getRouteApi('/alarm-models/$model');

export function AlarmModelNew() {
  return (
    <>
      <PageHead title="New alarm model" crumbs={<Link to="/alarm-models">Alarm models</Link>} />
      <AlarmForm start={EMPTY_DRAFT} isNew />
    </>
  );
}

export function AlarmModelEdit() {
  const { model } = route.useParams();
  const { data, error, isPending, refetch } = useQuery(alarmModelQuery(model));
  return (
    <>
      <PageHead
        title={model}
        crumbs={<Link to="/alarm-models">Alarm models</Link>}
        badges={data !== undefined && <Badge>Version {data.alarmModelVersion}</Badge>}
      >
        {data !== undefined && (
          <>
            <Link to="/alarms" search={{ model }} className="button">
              <BellRing aria-hidden="true" />
              Its alarms
            </Link>
            <Delete model={model} />
          </>
        )}
      </PageHead>
      {isPending && <Loading what="Loading the alarm model" />}
      {error !== null && data === undefined && (
        <div className="panel">
          <Failed error={error} retry={() => void refetch()} />
        </div>
      )}
      {data !== undefined && <AlarmForm key={data.alarmModelVersion} start={draftOf(data)} isNew={false} />}
    </>
  );
}

interface AlarmFormProps {
  readonly start: AlarmDraft;
  readonly isNew: boolean;
}

function AlarmForm({ start, isNew }: AlarmFormProps) {
  const navigate = useNavigate();
  const queries = useQueryClient();
  const maySave = useMay(isNew ? 'iotevents:CreateAlarmModel' : 'iotevents:UpdateAlarmModel');
  const { data: inputs } = useQuery(attributesQuery);
  const [draft, setDraft] = useState(start);
  const [error, setError] = useState<unknown>();
  const change = (part: Partial<AlarmDraft>) => setDraft((before) => ({ ...before, ...part }));
  const text = (member: keyof AlarmDraft) => ({
    value: String(draft[member]),
    onChange: (value: string) => change({ [member]: value }),
  });
  const references = [...(inputs ?? [])].flatMap(([name, paths]) =>
    paths.map((path) => `$input.${name}.${path}`),
  );
  const keys = [...new Set([...(inputs ?? [])].flatMap(([, paths]) => paths))].sort();
  const isBegun = draft.inputProperty !== '' && draft.threshold !== '';
  const read = readDraft(draft);
  const save = async () => {
    if (!read.ok) return;
    setError(undefined);
    try {
      if (isNew) await call('CreateAlarmModel', read.request);
      else {
        const { key: _, ...request } = read.request;
        await call('UpdateAlarmModel', request);
      }
      say(`Alarm model ${draft.name} is saved`);
      await queries.invalidateQueries();
      if (isNew) await navigate({ to: '/alarm-models/$model', params: { model: draft.name } });
    } catch (failure) {
      setError(failure);
    }
  };
  return (
    <form
      className="columns even"
      onSubmit={(event) => {
        event.preventDefault();
        void save();
      }}
    >
      <div className="stack">
        <Panel title="When it is active">
          <div className="stack">
            <Text
              label="Attribute"
              {...text('inputProperty')}
              options={references}
              required
              hint="One attribute of an input: $input.NAME.attribute"
              isCode
            />
            <Choice
              label="Comparison"
              value={draft.operator}
              onChange={(value) => change({ operator: value as ComparisonOperator })}
              options={Object.entries(COMPARISON_OPERATORS).map(([name, sign]) => [
                name,
                `${sign}  ${name.replaceAll('_', ' ').toLowerCase()}`,
              ])}
            />
            <Text
              label="Threshold"
              {...text('threshold')}
              options={references}
              required
              hint="A number, or another attribute"
              isCode
            />
          </div>
        </Panel>
        <Panel title="Alarm model">
          <div className="stack">
            {isNew && (
              <Text
                label="Name"
                {...text('name')}
                required
                pattern="[a-zA-Z0-9_\-]+"
                hint="Letters, digits, hyphens and underscores"
              />
            )}
            <Text label="Description" {...text('description')} />
            {isNew ? (
              <Choice
                label="Key"
                {...text('key')}
                options={[['', 'None: one alarm'], ...keys.map((each) => [each, each] as const)]}
              />
            ) : (
              <p>
                Key: {draft.key === '' ? 'none, it has one alarm' : <code>{draft.key}</code>}
                <span className="soft"> (it cannot be changed)</span>
              </p>
            )}
            <Text
              label="Severity"
              {...text('severity')}
              hint="A whole number of your own meaning; may be empty"
            />
            <Text label="Role" {...text('roleArn')} required isCode />
          </div>
        </Panel>
      </div>
      <div className="stack">
        <Panel title="What people do about it">
          <div className="stack tight">
            <Check
              label="Must be acknowledged, also when the value is normal again"
              checked={draft.acknowledges}
              onChange={(acknowledges) => change({ acknowledges })}
            />
            <Check
              label="New alarms are enabled at once"
              checked={draft.startsEnabled}
              onChange={(startsEnabled) => change({ startsEnabled })}
            />
          </div>
        </Panel>
        <Panel title="What it does">
          <div className="stack">
            <Json
              label="Actions (JSON)"
              {...text('actions')}
              hint="A list such as [{&quot;sns&quot;: {&quot;targetArn&quot;: …}}]"
            />
            <Json
              label="Notifications (JSON)"
              {...text('notifications')}
              hint="A list of notificationActions: a Lambda function, mail and SMS"
            />
          </div>
        </Panel>
        {!read.ok && isBegun && (
          <div className="banner bad" role="status">
            <ul className="grow">
              {read.problems.map((problem) => (
                <li key={problem} className="wrap">
                  {problem}
                </li>
              ))}
            </ul>
          </div>
        )}
        <Problem error={error} />
        <div className="row">
          {maySave && (
            <button type="submit" className="button primary" disabled={isBegun && !read.ok}>
              {isNew ? 'Create alarm model' : 'Save'}
            </button>
          )}
          {read.ok && <CopyCall operation="CreateAlarmModel" input={read.request} />}
        </div>
      </div>
    </form>
  );
}

interface TextProps {
  readonly label: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly hint?: string;
  readonly options?: readonly string[];
  readonly required?: boolean;
  readonly pattern?: string;
  readonly isCode?: boolean;
}

function Text({ label, value, onChange, hint, options, required, pattern, isCode = false }: TextProps) {
  const id = useId();
  return (
    <Field id={id} label={label} hint={hint}>
      <input
        id={id}
        className={isCode ? 'input mono' : 'input'}
        spellCheck={false}
        value={value}
        list={options === undefined ? undefined : `${id}-list`}
        required={required}
        pattern={pattern}
        aria-describedby={hint === undefined ? undefined : `${id}-hint`}
        onChange={({ target }) => onChange(target.value)}
      />
      {options !== undefined && (
        <datalist id={`${id}-list`}>
          {options.map((each) => (
            <option key={each} value={each} />
          ))}
        </datalist>
      )}
    </Field>
  );
}

function Json({ label, value, onChange, hint }: Omit<TextProps, 'options' | 'isCode'>) {
  const id = useId();
  return (
    <Field id={id} label={label} hint={hint}>
      <textarea
        id={id}
        className="area"
        spellCheck={false}
        value={value}
        aria-describedby={hint === undefined ? undefined : `${id}-hint`}
        onChange={({ target }) => onChange(target.value)}
      />
    </Field>
  );
}

interface ChoiceProps {
  readonly label: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly options: readonly (readonly [value: string, label: string])[];
}

function Choice({ label, value, onChange, options }: ChoiceProps) {
  const id = useId();
  return (
    <Field id={id} label={label} hint={undefined}>
      <select
        id={id}
        className="select"
        style={{ width: '100%' }}
        value={value}
        onChange={({ target }) => onChange(target.value)}
      >
        {options.map(([each, text]) => (
          <option key={each} value={each}>
            {text}
          </option>
        ))}
      </select>
    </Field>
  );
}

interface FieldProps {
  readonly id: string;
  readonly label: string;
  readonly hint: string | undefined;
  readonly children: ReactNode;
}

function Field({ id, label, hint, children }: FieldProps) {
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      {children}
      {hint !== undefined && (
        <span id={`${id}-hint`} className="hint">
          {hint}
        </span>
      )}
    </div>
  );
}

interface CheckProps {
  readonly label: string;
  readonly checked: boolean;
  readonly onChange: (checked: boolean) => void;
}

function Check({ label, checked, onChange }: CheckProps) {
  return (
    <label className="check">
      <input type="checkbox" checked={checked} onChange={({ target }) => onChange(target.checked)} />
      {label}
    </label>
  );
}

function Delete({ model }: { readonly model: string }) {
  const may = useMay('iotevents:DeleteAlarmModel');
  const queries = useQueryClient();
  const navigate = useNavigate();
  if (!may) return null;
  const confirm = async () => {
    await call('DeleteAlarmModel', { alarmModelName: model });
    say(`Alarm model ${model} was deleted`);
    await navigate({ to: '/alarm-models' });
    queries.removeQueries({ queryKey: alarmModelQuery(model).queryKey });
    await queries.invalidateQueries();
  };
  return (
    <DeleteButton name={model} onConfirm={confirm}>
      <p>All of its alarms go with it. This cannot be undone.</p>
    </DeleteButton>
  );
}
