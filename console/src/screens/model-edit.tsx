import { useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { FileX } from 'lucide-react';
import { modelQuery } from '../api/queries.ts';
import { Badge } from '../components/badge.tsx';
import { Empty, Loading } from '../components/notice.tsx';
import { PageHead } from '../components/page.tsx';
import { attributesQuery } from '../editor/attributes.ts';
import { discardDraft } from '../editor/draft.ts';
import { draftOf, draftQuery } from '../editor/draft-query.ts';
import { ModelEditor } from '../editor/model-editor.tsx';

const page = getRouteApi('/models/$model');
const draftPage = getRouteApi('/drafts/$model');

/** The Edit tab of a published model. */
export function ModelEdit() {
  const { model } = page.useParams();
  const queries = useQueryClient();
  const { data: published } = useQuery(modelQuery(model));
  const draft = useQuery(draftQuery(model));
  const inputs = useQuery(attributesQuery);
  if (published === undefined || draft.isPending || inputs.isPending)
    return <Loading what="Loading the editor" />;
  const start = draft.data ?? draftOf(model, published);
  const discard = async () => {
    await discardDraft(model);
    await queries.resetQueries({ queryKey: ['draft', model] });
  };
  return (
    <ModelEditor
      key={`${start.savedAt}`}
      start={start}
      published={published}
      inputs={inputs.data ?? new Map()}
      onDiscard={() => void discard()}
    />
  );
}

/** A model that was never published. */
export function DraftEdit() {
  const { model } = draftPage.useParams();
  const navigate = useNavigate();
  const draft = useQuery(draftQuery(model));
  const inputs = useQuery(attributesQuery);
  const discard = async () => {
    await discardDraft(model);
    await navigate({ to: '/models' });
  };
  return (
    <>
      <PageHead
        title={model}
        crumbs={<Link to="/models">Detector models</Link>}
        badges={<Badge>Draft</Badge>}
      />
      <DraftTabs model={model} />
      {(draft.isPending || inputs.isPending) && <Loading what="Loading the editor" />}
      {draft.data === null && <NoDraft model={model} />}
      {draft.data !== undefined && draft.data !== null && inputs.data !== undefined && (
        <ModelEditor
          start={draft.data}
          published={undefined}
          inputs={inputs.data}
          onDiscard={() => void discard()}
        />
      )}
    </>
  );
}

/** A draft that was discarded or published, or made in another browser. */
export function NoDraft({ model }: { readonly model: string }) {
  return (
    <div className="panel">
      <Empty
        icon={FileX}
        title="There is no such draft"
        action={
          <Link to="/models" className="button">
            Detector models
          </Link>
        }
      >
        This browser keeps no draft of {model}. Drafts stay in the browser that they were made in.
      </Empty>
    </div>
  );
}

/** What can be done with a draft that was never published. */
export function DraftTabs({ model }: { readonly model: string }) {
  return (
    <nav className="tabs" aria-label="Draft">
      <Link to="/drafts/$model" params={{ model }} activeOptions={{ exact: true }}>
        Edit
      </Link>
      <Link to="/drafts/$model/simulate" params={{ model }}>
        Simulate
      </Link>
    </nav>
  );
}
