import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { FileUp, Workflow } from 'lucide-react';
import { type DragEvent, useState } from 'react';
import { call } from '../api/call.ts';
import { inputsQuery, modelsQuery } from '../api/queries.ts';
import { Dialog } from '../components/dialog.tsx';
import { newId } from '../components/ids.ts';
import { Problem } from '../components/notice.tsx';
import { PageHead, Panel } from '../components/page.tsx';
import type { Json } from '../document/json.ts';
import { saveDraft } from '../editor/draft.ts';
import { type Dropped, ImportReport } from '../imports/import-report.tsx';
import { ROLE } from '../imports/role.ts';
import { TEMPLATES, type Template } from '../templates/templates.ts';

/** Begins a detector model: from a template, or from what ran on AWS. */
export function ModelNew() {
  const [template, setTemplate] = useState<Template>();
  const [dropped, setDropped] = useState<Dropped>();
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
      <Drop onDropped={setDropped} />
      {dropped !== undefined && <ImportReport key={dropped.id} dropped={dropped} />}
      {template !== undefined && <FromTemplate template={template} onClose={() => setTemplate(undefined)} />}
    </>
  );
}

function Drop({ onDropped }: { readonly onDropped: (dropped: Dropped) => void }) {
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
      const read = (values: ReadonlyMap<string, string>) => importTexts({ files }, { resolve: values });
      onDropped({ id: newId(), read, first: read(new Map()) });
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
