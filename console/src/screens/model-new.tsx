import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { FileUp, Workflow } from 'lucide-react';
import { type DragEvent, useState } from 'react';
import type { Imported } from '../../../src/migrate/import.ts';
import { call } from '../api/call.ts';
import { inputsQuery, modelsQuery } from '../api/queries.ts';
import { Status } from '../components/badge.tsx';
import { Dialog } from '../components/dialog.tsx';
import { Problem } from '../components/notice.tsx';
import { PageHead, Panel } from '../components/page.tsx';
import { say } from '../components/toast.tsx';
import type { Json } from '../document/json.ts';
import { saveDraft } from '../editor/draft.ts';
import { TEMPLATES, type Template } from '../templates/templates.ts';

const ROLE = 'arn:aws:iam::000000000000:role/Tripline';

/** Begins a detector model: from a template, or from what ran on AWS. */
export function ModelNew() {
  const [template, setTemplate] = useState<Template>();
  const [imported, setImported] = useState<Imported>();
  return (
    <>
      <PageHead title="New detector model" crumbs={<Link to="/models">Detector models</Link>} />
      <Panel title="From a template">
        <ul className="templates">
          {TEMPLATES.map((each) => (
            <li key={each.id}>
              <button type="button" onClick={() => setTemplate(each)}>
                <Workflow aria-hidden="true" />
                <strong>{each.title}</strong>
                <span className="soft">{each.description}</span>
              </button>
            </li>
          ))}
        </ul>
      </Panel>
      <Drop onImported={setImported} />
      {imported !== undefined && <ImportReport imported={imported} />}
      {template !== undefined && <FromTemplate template={template} onClose={() => setTemplate(undefined)} />}
    </>
  );
}

function Drop({ onImported }: { readonly onImported: (imported: Imported) => void }) {
  const [over, setOver] = useState(false);
  const [error, setError] = useState<unknown>();
  const take = async (list: FileList | null) => {
    setError(undefined);
    try {
      const files = await Promise.all(
        [...(list ?? [])].map(async (file) => ({ path: file.name, text: await file.text(), isNamed: true })),
      );
      if (files.length === 0) return;
      const { importTexts } = await import('../../../src/migrate/import.ts');
      onImported(importTexts({ files }));
    } catch (failure) {
      setError(failure);
    }
  };
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    void take(event.dataTransfer.files);
  };
  return (
    <Panel title="From a file">
      <label
        className={over ? 'drop over' : 'drop'}
        onDragOver={(event) => {
          event.preventDefault();
          setOver(true);
        }}
        onDragLeave={() => setOver(false)}
        onDrop={drop}
      >
        <FileUp aria-hidden="true" />
        <span>
          <strong>Choose files</strong> or drop them here
        </span>
        <span className="soft small-text">
          Exported or described models, definitions, CloudFormation, SAM and CDK templates; JSON or YAML
        </span>
        <input
          type="file"
          className="hidden"
          multiple
          accept=".json,.yaml,.yml,.template"
          onChange={(event) => void take(event.target.files)}
        />
      </label>
      <Problem error={error} />
    </Panel>
  );
}

/** What the files hold and what is wrong with it; inputs are created, models become drafts. */
function ImportReport({ imported }: { readonly imported: Imported }) {
  const queries = useQueryClient();
  const navigate = useNavigate();
  const { data: existing = [] } = useQuery(inputsQuery);
  const [error, setError] = useState<unknown>();
  const { detectorModels, inputs, alarmModels, topicRules, findings } = imported;
  const names = new Set(existing.map(({ inputName }) => inputName));
  const missing = inputs.filter(({ name }) => !names.has(name));
  const take = async () => {
    setError(undefined);
    try {
      for (const { request } of missing) await call('CreateInput', request as never);
      for (const { request } of alarmModels) await createAlarmModel(request);
      for (const { name, request } of detectorModels) {
        await saveDraft({
          name,
          definition: (request.detectorModelDefinition ?? null) as Json,
          settings: {
            description: textOf(request.detectorModelDescription),
            key: textOf(request.key),
            roleArn: textOf(request.roleArn) || ROLE,
            evaluationMethod: request.evaluationMethod === 'SERIAL' ? 'SERIAL' : 'BATCH',
          },
          placed: {},
          savedAt: Date.now(),
        });
        queries.removeQueries({ queryKey: ['draft', name] });
      }
      await queries.invalidateQueries();
      say(`Imported ${detectorModels.length} detector models; publish each when it looks right`);
      const [first] = detectorModels;
      if (first !== undefined) await navigate({ to: '/drafts/$model', params: { model: first.name } });
    } catch (failure) {
      setError(failure);
    }
  };
  const found = [
    [detectorModels.length, 'detector model'],
    [inputs.length, 'input'],
    [alarmModels.length, 'alarm model'],
    [topicRules.length, 'topic rule'],
  ] as const;
  return (
    <Panel title="Found in the files">
      <div className="stack">
        <p>
          {found
            .filter(([count]) => count > 0)
            .map(([count, noun]) => `${count} ${noun}${count === 1 ? '' : 's'}`)
            .join(', ') || 'Nothing that can be imported.'}
          {topicRules.length > 0 && ' Topic rules are created on their own screen.'}
        </p>
        <ul className="stack tight">
          {[...detectorModels, ...inputs, ...alarmModels].map(({ kind, name, source }) => (
            <li key={`${kind} ${name}`} className="row">
              <strong>{name}</strong>
              <span className="soft small-text">
                {kind === 'input' && names.has(name) ? 'input, exists already' : kindText(kind)}, from{' '}
                {source.file}
              </span>
            </li>
          ))}
        </ul>
        {findings.length > 0 && (
          <section className="stack tight">
            <h3>Findings</h3>
            <ul className="stack tight">
              {findings.map(({ level, message, file, line, resource }, index) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: findings have no identity but their place
                <li key={index} className="row">
                  <Status of={level} />
                  <span className="grow wrap">
                    {message}
                    <span className="soft small-text">
                      {' '}
                      {[resource, file, line].filter((each) => each !== undefined).join(', ')}
                    </span>
                  </span>
                </li>
              ))}
            </ul>
          </section>
        )}
        <Problem error={error} />
        <div>
          <button
            type="button"
            className="button primary"
            disabled={detectorModels.length + missing.length + alarmModels.length === 0}
            onClick={() => void take()}
          >
            Import
          </button>
        </div>
      </div>
    </Panel>
  );
}

async function createAlarmModel(request: Readonly<Record<string, unknown>>): Promise<void> {
  await call('CreateAlarmModel', request as never);
}

function kindText(kind: string): string {
  return kind.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

interface FromTemplateProps {
  readonly template: Template;
  readonly onClose: () => void;
}

/** Names the model, makes its input when it is not there, and opens the editor. */
function FromTemplate({ template, onClose }: FromTemplateProps) {
  const navigate = useNavigate();
  const queries = useQueryClient();
  const [name, setName] = useState(template.name);
  const [error, setError] = useState<unknown>();
  const { data: inputs = [] } = useQuery(inputsQuery);
  const { data: models = [] } = useQuery(modelsQuery);
  const { inputName, attributes } = template.input;
  const isMissing = !inputs.some((input) => input.inputName === inputName);
  const isTaken = models.some((model) => model.detectorModelName === name);
  const create = async () => {
    setError(undefined);
    try {
      if (isMissing) {
        const inputDefinition = { attributes: attributes.map((jsonPath) => ({ jsonPath })) };
        await call('CreateInput', { inputName, inputDefinition });
        await queries.invalidateQueries({ queryKey: ['inputs'] });
        await queries.invalidateQueries({ queryKey: ['attributes'] });
      }
      await saveDraft({
        name,
        definition: template.definition as unknown as Json,
        settings: {
          description: template.description,
          key: template.key,
          roleArn: ROLE,
          evaluationMethod: 'BATCH',
        },
        placed: {},
        savedAt: Date.now(),
      });
      queries.removeQueries({ queryKey: ['draft', name] });
      await navigate({ to: '/drafts/$model', params: { model: name } });
    } catch (failure) {
      setError(failure);
    }
  };
  return (
    <Dialog title={template.title} isOpen onClose={onClose}>
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          void create();
        }}
      >
        <p className="soft">{template.description}</p>
        <div className="field">
          <label htmlFor="model-name">Name</label>
          <input
            id="model-name"
            className="input"
            required
            maxLength={128}
            pattern="[a-zA-Z0-9_\-]+"
            title="Letters, digits, hyphens and underscores"
            value={name}
            aria-invalid={isTaken}
            aria-describedby="model-name-hint"
            onChange={(event) => setName(event.target.value)}
          />
          <span id="model-name-hint" className={isTaken ? 'problem' : 'hint'}>
            {isTaken
              ? 'There is a detector model of this name.'
              : 'Letters, digits, hyphens and underscores.'}
          </span>
        </div>
        <p>
          It reads the input <strong>{inputName}</strong> with{' '}
          {attributes.map((each) => `“${each}”`).join(', ')}
          {isMissing ? '; the input is created.' : ', which exists already.'}
        </p>
        <Problem error={error} />
        <div className="row">
          <button type="submit" className="button primary" disabled={isTaken}>
            Open the editor
          </button>
          <button type="button" className="button" onClick={onClose}>
            Cancel
          </button>
        </div>
      </form>
    </Dialog>
  );
}
