import { useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { Upload } from 'lucide-react';
import { type FormEvent, useMemo, useState } from 'react';
import { call } from '../api/call.ts';
import { CopyCall } from '../components/copy-call.tsx';
import { Problem } from '../components/notice.tsx';
import { PageHead, Panel } from '../components/page.tsx';
import { say } from '../components/toast.tsx';
import { leafPaths } from '../messages/sample.ts';

const EXAMPLE = `{
  "pumpId": "P-101",
  "sensor": { "pressure": 6.4, "temperature": 52.5 }
}`;

/** Creates an input from an example of its messages: what is in it can be ticked as attributes. */
export function InputNew() {
  const queries = useQueryClient();
  const navigate = useNavigate();
  const [inputName, setName] = useState('');
  const [description, setDescription] = useState('');
  const [sample, setSample] = useState(EXAMPLE);
  const [left, setLeft] = useState<ReadonlySet<string>>(new Set());
  const [error, setError] = useState<unknown>();
  const { paths, problem } = useMemo(() => read(sample), [sample]);
  const attributes = paths.filter((path) => !left.has(path)).map((jsonPath) => ({ jsonPath }));
  const input = {
    inputName,
    ...(description !== '' && { inputDescription: description }),
    inputDefinition: { attributes },
  };
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setError(undefined);
    try {
      await call('CreateInput', input);
      say(`Input ${inputName} was created`);
      await queries.invalidateQueries({ queryKey: ['inputs'] });
      await navigate({ to: '/inputs/$input', params: { input: inputName } });
    } catch (failure) {
      setError(failure);
    }
  };
  const take = async (file: File | undefined) => {
    if (file !== undefined) setSample(await file.text());
  };
  return (
    <>
      <PageHead title="New input" crumbs={<Link to="/inputs">Inputs</Link>} />
      <form className="columns" onSubmit={(event) => void submit(event)}>
        <Panel
          title="An example message"
          actions={
            <label className="button small">
              <Upload aria-hidden="true" />
              From a file
              <input
                type="file"
                accept=".json,application/json"
                className="hidden"
                onChange={(event) => void take(event.target.files?.[0])}
              />
            </label>
          }
        >
          <div className="field">
            <label htmlFor="sample">Message (JSON)</label>
            <textarea
              id="sample"
              className="area"
              style={{ minHeight: '18rem' }}
              spellCheck={false}
              value={sample}
              aria-invalid={problem !== undefined}
              aria-describedby="sample-problem"
              onChange={(event) => setSample(event.target.value)}
            />
            <span id="sample-problem" className="problem">
              {problem}
            </span>
          </div>
        </Panel>
        <div className="stack">
          <Panel title="Input">
            <div className="stack">
              <div className="field">
                <label htmlFor="input-name">Name</label>
                <input
                  id="input-name"
                  className="input"
                  required
                  maxLength={128}
                  pattern="[a-zA-Z][a-zA-Z0-9_]*"
                  title="A letter first, then letters, digits and underscores"
                  value={inputName}
                  onChange={(event) => setName(event.target.value)}
                />
                <span className="hint">Letters, digits and underscores. It cannot be changed later.</span>
              </div>
              <div className="field">
                <label htmlFor="input-description">Description</label>
                <input
                  id="input-description"
                  className="input"
                  maxLength={1024}
                  value={description}
                  onChange={(event) => setDescription(event.target.value)}
                />
              </div>
              <fieldset className="pairs">
                <legend className="label">Attributes that models may read</legend>
                {paths.length === 0 && problem === undefined && (
                  <span className="soft">The example has no members.</span>
                )}
                {paths.map((path) => (
                  <label key={path} className="check">
                    <input
                      type="checkbox"
                      checked={!left.has(path)}
                      onChange={({ target }) => setLeft(toggled(left, path, !target.checked))}
                    />
                    <code className="wrap">{path}</code>
                  </label>
                ))}
              </fieldset>
              <Problem error={error} />
              <div className="row">
                <button type="submit" className="button primary" disabled={attributes.length === 0}>
                  Create input
                </button>
                <CopyCall operation="CreateInput" input={input} />
              </div>
            </div>
          </Panel>
        </div>
      </form>
    </>
  );
}

function read(sample: string): { paths: string[]; problem?: string } {
  try {
    return { paths: leafPaths(JSON.parse(sample)) };
  } catch (error) {
    return { paths: [], problem: error instanceof Error ? error.message : String(error) };
  }
}

function toggled(set: ReadonlySet<string>, item: string, isIn: boolean): ReadonlySet<string> {
  const next = new Set(set);
  if (isIn) next.add(item);
  else next.delete(item);
  return next;
}
