import { useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { Check, FlaskConical, Power, X } from 'lucide-react';
import { useState } from 'react';
import { inputsQuery } from '../api/queries.ts';
import { useMay } from '../app/session.ts';
import { Badge } from '../components/badge.tsx';
import { CodeView } from '../components/code-view.tsx';
import { DeleteButton } from '../components/delete-button.tsx';
import { Failed, Loading, Problem } from '../components/notice.tsx';
import { PageHead, Panel } from '../components/page.tsx';
import { say } from '../components/toast.tsx';
import { base64 } from '../messages/sample.ts';
import {
  deleteRule,
  type RulePayload,
  ruleQuery,
  saveRule,
  switchRule,
  type TestResult,
  type Rule as TopicRule,
  testRule,
} from '../rules/rule.ts';
import { topicFor } from '../rules/topic-for.ts';

const route = getRouteApi('/rules/$rule');
const ROLE = 'arn:aws:iam::000000000000:role/Tripline';
const EMPTY: RulePayload = {
  sql: "SELECT *, topic(2) AS deviceId FROM 'devices/+/status'",
  awsIotSqlVersion: '2016-03-23',
  actions: [],
};

export function RuleNew() {
  const { data: inputs } = useQuery(inputsQuery);
  if (inputs === undefined) return <Loading />;
  const inputName = inputs[0]?.inputName ?? 'Input';
  const start = { ...EMPTY, actions: [{ iotEvents: { inputName, roleArn: ROLE } }] };
  return (
    <>
      <PageHead title="New topic rule" crumbs={<Link to="/rules">Topic rules</Link>} />
      <RuleForm start={start} ruleName={undefined} />
    </>
  );
}

export function Rule() {
  const { rule: ruleName } = route.useParams();
  const { data, error, isPending, refetch } = useQuery(ruleQuery(ruleName));
  return (
    <>
      <PageHead
        title={ruleName}
        crumbs={<Link to="/rules">Topic rules</Link>}
        badges={data?.ruleDisabled === true && <Badge>Disabled</Badge>}
      >
        {data !== undefined && <Deeds rule={data} />}
      </PageHead>
      {isPending && <Loading what="Loading the topic rule" />}
      {error !== null && data === undefined && (
        <div className="panel">
          <Failed error={error} retry={() => void refetch()} />
        </div>
      )}
      {data !== undefined && <RuleForm key={ruleName} start={payloadOf(data)} ruleName={ruleName} />}
    </>
  );
}

function payloadOf({
  sql,
  description,
  actions,
  ruleDisabled,
  awsIotSqlVersion,
  errorAction,
}: TopicRule): RulePayload {
  return {
    sql,
    ...(description !== undefined && { description }),
    actions,
    ...(ruleDisabled !== undefined && { ruleDisabled }),
    ...(awsIotSqlVersion !== undefined && { awsIotSqlVersion }),
    ...(errorAction !== undefined && { errorAction }),
  };
}

interface RuleFormProps {
  readonly start: RulePayload;
  /** Absent for a new rule. */
  readonly ruleName: string | undefined;
}

/** A rule's statement and actions, with a tester beside them that runs what is written, saved or not. */
function RuleForm({ start, ruleName }: RuleFormProps) {
  const navigate = useNavigate();
  const queries = useQueryClient();
  const maySave = useMay(ruleName === undefined ? 'iot:CreateTopicRule' : 'iot:ReplaceTopicRule');
  const [name, setName] = useState(ruleName ?? '');
  const [sql, setSql] = useState(start.sql);
  const [description, setDescription] = useState(start.description ?? '');
  const [actions, setActions] = useState(JSON.stringify(start.actions, undefined, 2));
  const [error, setError] = useState<unknown>();
  const parsed = parseActions(actions);
  const payload: RulePayload = {
    ...start,
    sql,
    actions: parsed.actions,
    ...(description !== '' && { description }),
  };
  const save = async () => {
    setError(undefined);
    try {
      await saveRule(name, payload, ruleName === undefined);
      say(`Topic rule ${name} is saved and takes messages from now on`);
      await queries.invalidateQueries({ queryKey: ['rules'] });
      await queries.invalidateQueries({ queryKey: ['rule', name] });
      if (ruleName === undefined) await navigate({ to: '/rules/$rule', params: { rule: name } });
    } catch (failure) {
      setError(failure);
    }
  };
  return (
    <div className="columns even">
      <Panel title="Rule">
        <form
          className="stack"
          onSubmit={(event) => {
            event.preventDefault();
            void save();
          }}
        >
          {ruleName === undefined && (
            <div className="field">
              <label htmlFor="rule-name">Name</label>
              <input
                id="rule-name"
                className="input"
                required
                maxLength={128}
                pattern="[a-zA-Z0-9_]+"
                title="Letters, digits and underscores"
                value={name}
                onChange={(event) => setName(event.target.value)}
              />
              <span className="hint">Letters, digits and underscores, no hyphens.</span>
            </div>
          )}
          <div className="field">
            <label htmlFor="rule-sql">Statement (SQL)</label>
            <textarea
              id="rule-sql"
              className="area"
              style={{ minHeight: '7rem' }}
              spellCheck={false}
              required
              value={sql}
              onChange={(event) => setSql(event.target.value)}
            />
          </div>
          <div className="field">
            <label htmlFor="rule-description">Description</label>
            <input
              id="rule-description"
              className="input"
              value={description}
              onChange={(event) => setDescription(event.target.value)}
            />
          </div>
          <div className="field">
            <label htmlFor="rule-actions">Actions (JSON)</label>
            <textarea
              id="rule-actions"
              className="area"
              spellCheck={false}
              value={actions}
              aria-invalid={parsed.problem !== undefined}
              aria-describedby="rule-actions-hint"
              onChange={(event) => setActions(event.target.value)}
            />
            <span id="rule-actions-hint" className={parsed.problem === undefined ? 'hint' : 'problem'}>
              {parsed.problem ?? 'A list of iotEvents and republish actions, as in AWS IoT.'}
            </span>
          </div>
          <Problem error={error} />
          {maySave && (
            <div>
              <button type="submit" className="button primary" disabled={parsed.problem !== undefined}>
                {ruleName === undefined ? 'Create topic rule' : 'Save'}
              </button>
            </div>
          )}
        </form>
      </Panel>
      <Tester payload={payload} ruleName={name} />
    </div>
  );
}

function parseActions(text: string): { readonly actions: readonly object[]; readonly problem?: string } {
  try {
    const value: unknown = JSON.parse(text);
    if (Array.isArray(value)) return { actions: value };
    return { actions: [], problem: 'The actions must be a list' };
  } catch (error) {
    return { actions: [], problem: error instanceof Error ? error.message : String(error) };
  }
}

/** Runs the statement on a message that is not sent anywhere, and shows what each clause did. */
function Tester({ payload, ruleName }: { readonly payload: RulePayload; readonly ruleName: string }) {
  const [topic, setTopic] = useState(() => topicFor(payload.sql));
  const [message, setMessage] = useState('{ "temperature": 21.5 }');
  const [clientId, setClientId] = useState('');
  const [result, setResult] = useState<TestResult>();
  const [error, setError] = useState<unknown>();
  const run = async () => {
    setError(undefined);
    setResult(undefined);
    try {
      setResult(await testRule(payload, ruleName, { topic, payload: message, clientId }, base64(message)));
    } catch (failure) {
      setError(failure);
    }
  };
  return (
    <Panel title="Try it">
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          void run();
        }}
      >
        <p className="soft">Nothing is sent: the statement runs on this message, saved or not.</p>
        <div className="field">
          <label htmlFor="test-topic">Topic</label>
          <input
            id="test-topic"
            className="input mono"
            required
            value={topic}
            onChange={(event) => setTopic(event.target.value)}
          />
        </div>
        <div className="field">
          <label htmlFor="test-payload">Payload</label>
          <textarea
            id="test-payload"
            className="area"
            style={{ minHeight: '6rem' }}
            spellCheck={false}
            value={message}
            onChange={(event) => setMessage(event.target.value)}
          />
        </div>
        <div className="field">
          <label htmlFor="test-client">Client ID (optional)</label>
          <input
            id="test-client"
            className="input mono"
            value={clientId}
            onChange={(event) => setClientId(event.target.value)}
          />
        </div>
        <div>
          <button type="submit" className="button">
            <FlaskConical aria-hidden="true" />
            Run
          </button>
        </div>
        <Problem error={error} />
        {result !== undefined && <Outcome result={result} />}
      </form>
    </Panel>
  );
}

function Outcome({ result }: { readonly result: TestResult }) {
  const passedTopic = result.result === 'message' || result.reason === 'where';
  return (
    <section className="stack tight" aria-label="Result" role="status">
      <Clause
        name="FROM"
        passed={passedTopic}
        text={passedTopic ? 'matches the topic' : 'does not match the topic'}
      />
      {passedTopic && (
        <Clause
          name="WHERE"
          passed={result.result === 'message'}
          text={result.result === 'message' ? 'is true for the message' : 'is not true for the message'}
        />
      )}
      {result.result === 'message' && (
        <>
          <Clause name="SELECT" passed text="gives" />
          <CodeView
            label="Result"
            text={result.base64 === undefined ? JSON.stringify(result.message, undefined, 2) : result.base64}
          />
        </>
      )}
    </section>
  );
}

interface ClauseProps {
  readonly name: string;
  readonly passed: boolean;
  readonly text: string;
}

function Clause({ name, passed, text }: ClauseProps) {
  return (
    <p className="row">
      <Badge tone={passed ? 'good' : 'warn'} icon={passed ? Check : X}>
        {name}
      </Badge>
      {text}
    </p>
  );
}

function Deeds({ rule }: { readonly rule: TopicRule }) {
  const { ruleName, ruleDisabled = false } = rule;
  const queries = useQueryClient();
  const navigate = useNavigate();
  const maySwitch = useMay(ruleDisabled ? 'iot:EnableTopicRule' : 'iot:DisableTopicRule');
  const mayDelete = useMay('iot:DeleteTopicRule');
  const refresh = async () => {
    await queries.invalidateQueries({ queryKey: ['rules'] });
    await queries.invalidateQueries({ queryKey: ['rule', ruleName] });
  };
  const turn = async () => {
    try {
      await switchRule(ruleName, ruleDisabled);
      await refresh();
      say(`Topic rule ${ruleName} is ${ruleDisabled ? 'enabled' : 'disabled'}`);
    } catch (failure) {
      say(failure instanceof Error ? failure.message : String(failure), 'bad');
    }
  };
  const remove = async () => {
    await deleteRule(ruleName);
    await refresh();
    say(`Topic rule ${ruleName} was deleted`);
    await navigate({ to: '/rules' });
  };
  return (
    <>
      {maySwitch && (
        <button type="button" className="button" onClick={() => void turn()}>
          <Power aria-hidden="true" />
          {ruleDisabled ? 'Enable' : 'Disable'}
        </button>
      )}
      {mayDelete && (
        <DeleteButton name={ruleName} onConfirm={remove}>
          <p>Messages on its topics no longer reach what it feeds.</p>
        </DeleteButton>
      )}
    </>
  );
}
