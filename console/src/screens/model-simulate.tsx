import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import { normaliseDefinition } from '../../../src/core/model/normalise.ts';
import { type PrepareResult, prepareModel } from '../../../src/simulate/models.ts';
import { modelQuery } from '../api/queries.ts';
import { Badge } from '../components/badge.tsx';
import { Loading } from '../components/notice.tsx';
import { PageHead, Panel } from '../components/page.tsx';
import { attributesQuery } from '../editor/attributes.ts';
import { readDefinition } from '../editor/check.ts';
import type { Draft } from '../editor/draft.ts';
import { draftOf, draftQuery } from '../editor/draft-query.ts';
import { Simulator } from '../simulator/simulator.tsx';
import { DraftTabs, NoDraft } from './model-edit.tsx';

const page = getRouteApi('/models/$model');
const draftPage = getRouteApi('/drafts/$model/simulate');

/** By a key of its own: what the editor knows was read before it changed the draft. */
const draftToSimulate = (name: string) => ({
  ...draftQuery(name),
  queryKey: ['draft', name, 'simulate'],
});

/** The Simulate tab of a published model; of its draft, where there is one. */
export function ModelSimulate() {
  const { model } = page.useParams();
  const { data: published } = useQuery(modelQuery(model));
  const draft = useQuery(draftToSimulate(model));
  const [chosen, setChosen] = useState<'draft' | 'published'>('draft');
  if (published === undefined || draft.isPending) return <Loading what="Loading the simulator" />;
  const kept = draft.data ?? undefined;
  const hasDraft = kept !== undefined;
  const source = kept !== undefined && chosen === 'draft' ? kept : draftOf(model, published);
  return (
    <>
      {hasDraft && (
        <div className="row">
          <div className="modes" role="group" aria-label="What is simulated">
            <button type="button" aria-pressed={chosen === 'draft'} onClick={() => setChosen('draft')}>
              Draft
            </button>
            <button
              type="button"
              aria-pressed={chosen === 'published'}
              onClick={() => setChosen('published')}
            >
              Published
            </button>
          </div>
          <span className="soft small-text">
            {chosen === 'draft' ? 'With your changes that are not published' : 'As detectors run it now'}
          </span>
        </div>
      )}
      <Simulated
        source={source}
        edit={
          <Link to="/models/$model/edit" params={{ model }}>
            the editor
          </Link>
        }
      />
    </>
  );
}

/** The same for a model that was never published. */
export function DraftSimulate() {
  const { model } = draftPage.useParams();
  const draft = useQuery(draftToSimulate(model));
  return (
    <>
      <PageHead
        title={model}
        crumbs={<Link to="/models">Detector models</Link>}
        badges={<Badge>Draft</Badge>}
      />
      <DraftTabs model={model} />
      {draft.isPending && <Loading what="Loading the simulator" />}
      {draft.data === null && <NoDraft model={model} />}
      {draft.data !== undefined && draft.data !== null && (
        <Simulated
          source={draft.data}
          edit={
            <Link to="/drafts/$model" params={{ model }}>
              the editor
            </Link>
          }
        />
      )}
    </>
  );
}

interface SimulatedProps {
  readonly source: Draft;
  /** Leads to where the model is mended. */
  readonly edit: React.ReactNode;
}

function Simulated({ source, edit }: SimulatedProps) {
  const inputs = useQuery(attributesQuery);
  const text = JSON.stringify(source);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another object of the same draft is the same model
  const prepared = useMemo(() => prepare(source), [text]);
  if (inputs.isPending) return <Loading what="Loading the inputs" />;
  if (prepared.ok) return <Simulator key={text} model={prepared.model} inputs={inputs.data ?? new Map()} />;
  return (
    <Panel title="It cannot be simulated yet">
      <div className="stack tight">
        <p>The model has errors. Mend them in {edit}, and come back.</p>
        <ul className="stack tight" aria-label="Errors">
          {prepared.problems.map(({ path, message }) => (
            <li key={`${path} ${message}`} className="wrap">
              <Message text={message} /> {path !== '' && <code className="soft small-text">{path}</code>}
            </li>
          ))}
        </ul>
      </div>
    </Panel>
  );
}

/** Below the first line of a message an expression is shown, with a mark under what is wrong. */
function Message({ text }: { readonly text: string }) {
  const [first, ...rest] = text.split('\n');
  return (
    <>
      {first}
      {rest.length > 0 && <pre className="payload">{rest.join('\n')}</pre>}
    </>
  );
}

function prepare({ name, definition, settings }: Draft): PrepareResult {
  const read = readDefinition(definition);
  if (!read.ok) return { ok: false, problems: [{ modelName: name, path: read.path, message: read.message }] };
  const { key, roleArn, evaluationMethod, description } = settings;
  const request = {
    detectorModelName: name,
    ...(description !== '' && { detectorModelDescription: description }),
    ...(key !== '' && { key }),
    ...(roleArn !== '' && { roleArn }),
    evaluationMethod,
    detectorModelDefinition: normaliseDefinition(read.definition),
  };
  return prepareModel(request);
}
