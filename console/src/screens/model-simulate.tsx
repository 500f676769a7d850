import { useQueries, useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { type ReactNode, useMemo, useState } from 'react';
import type { ModelProblem } from '../../../src/simulate/models.ts';
import { modelQuery } from '../api/queries.ts';
import { Badge } from '../components/badge.tsx';
import { MessageText } from '../components/message-text.tsx';
import { Loading, Problem } from '../components/notice.tsx';
import { PageHead, Panel } from '../components/page.tsx';
import { attributesQuery } from '../editor/attributes.ts';
import type { Draft } from '../editor/draft.ts';
import { draftOf, draftQuery } from '../editor/draft-query.ts';
import { companionQuery, companionsText, prepareDraft, readCompanions } from '../simulator/companions.ts';
import { CompanionsDialog } from '../simulator/companions-dialog.tsx';
import { Simulator } from '../simulator/simulator.tsx';
import { DraftTabs, NoDraft } from './model-edit.tsx';

const page = getRouteApi('/models/$model/simulate');
const draftPage = getRouteApi('/drafts/$model/simulate');

/** By a key of its own: what the editor knows was read before it changed the draft. */
const draftToSimulate = (name: string) => ({
  ...draftQuery(name),
  queryKey: ['draft', name, 'simulate'],
});

/** The Simulate tab of a published model; of its draft, where there is one. */
export function ModelSimulate() {
  const { model } = page.useParams();
  const { with: companions } = page.useSearch();
  const navigate = page.useNavigate();
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
        companions={companions}
        onCompanions={(text) => void navigate({ search: text === undefined ? {} : { with: text } })}
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
  const { with: companions } = draftPage.useSearch();
  const navigate = draftPage.useNavigate();
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
          companions={companions}
          onCompanions={(text) => void navigate({ search: text === undefined ? {} : { with: text } })}
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
  readonly edit: ReactNode;
  /** What the address says of the models that are simulated with it. */
  readonly companions: string | undefined;
  readonly onCompanions: (text: string | undefined) => void;
}

function Simulated({ source, edit, companions: text, onCompanions }: SimulatedProps) {
  const inputs = useQuery(attributesQuery);
  const [choosing, setChoosing] = useState(false);
  const draft = JSON.stringify(source);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another object of the same draft is the same model
  const prepared = useMemo(() => prepareDraft(source), [draft]);
  const companions = useMemo(
    () => readCompanions(text).filter(({ name }) => name !== source.name),
    [text, source.name],
  );
  const others = useQueries({ queries: companions.map(companionQuery) });
  const failed = others.find(({ isError }) => isError);
  const alone = () => onCompanions(undefined);
  if (inputs.isPending || others.some(({ isPending }) => isPending))
    return <Loading what="Loading the simulator" />;
  if (failed !== undefined)
    return (
      <Panel title="It cannot be simulated together">
        <div className="stack tight">
          <Problem error={failed.error} />
          <div>
            <button type="button" className="button" onClick={alone}>
              Simulate {source.name} alone
            </button>
          </div>
        </div>
      </Panel>
    );
  if (!prepared.ok) return <Faults problems={prepared.problems}>Mend them in {edit}, and come back.</Faults>;
  const results = others.flatMap(({ data }) => data ?? []);
  const problems = results.flatMap((result) => (result.ok ? [] : result.problems));
  if (problems.length > 0)
    return (
      <Faults problems={problems}>
        They are in models that are simulated with it.{' '}
        <button type="button" className="link" onClick={alone}>
          Simulate {source.name} alone
        </button>
      </Faults>
    );
  const models = [prepared.model, ...results.flatMap((result) => (result.ok ? [result.model] : []))] as const;
  return (
    <>
      <Simulator
        key={`${draft} ${text}`}
        models={models}
        inputs={inputs.data ?? new Map()}
        onCompanions={() => setChoosing(true)}
      />
      {choosing && (
        <CompanionsDialog
          models={models}
          chosen={companions}
          onChoose={(chosen) => onCompanions(companionsText(chosen))}
          onClose={() => setChoosing(false)}
        />
      )}
    </>
  );
}

interface FaultsProps {
  readonly problems: readonly ModelProblem[];
  /** What to do about it. */
  readonly children: ReactNode;
}

/** What keeps models from being simulated. */
function Faults({ problems, children }: FaultsProps) {
  return (
    <Panel title="It cannot be simulated yet">
      <div className="stack tight">
        <p>There are errors. {children}</p>
        <ul className="stack tight" aria-label="Errors">
          {problems.map(({ modelName, path, message }) => (
            <li key={`${modelName} ${path} ${message}`} className="wrap">
              <strong>{modelName}</strong> <MessageText text={message} />{' '}
              {path !== '' && <code className="soft small-text">{path}</code>}
            </li>
          ))}
        </ul>
      </div>
    </Panel>
  );
}
