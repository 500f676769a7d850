import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { CircleAlert } from 'lucide-react';
import { useState } from 'react';
import { call, raw } from '../api/call.ts';
import { encode } from '../api/operations.ts';
import type { DetectorModel } from '../api/queries.ts';
import { CopyCall } from '../components/copy-call.tsx';
import { Dialog } from '../components/dialog.tsx';
import { Problem } from '../components/notice.tsx';
import { say } from '../components/toast.tsx';
import { DiffView } from './diff-view.tsx';
import { discardDraft } from './draft.ts';
import { ChoiceField, TextField } from './fields.tsx';
import type { Editor } from './use-editor.ts';

export interface PublishDialogProps {
  readonly editor: Editor;
  /** What is published now; absent for a new model. */
  readonly published: DetectorModel | undefined;
  /** Attributes that may be the key. */
  readonly attributes: readonly string[];
  readonly onClose: () => void;
}

/** Shows what will change, and for which detectors, before it does. */
export function PublishDialog({ editor, published, attributes, onClose }: PublishDialogProps) {
  const queries = useQueryClient();
  const navigate = useNavigate();
  const [error, setError] = useState<unknown>();
  const [busy, setBusy] = useState(false);
  const [fate, setFate] = useState<Fate>('keep');
  const { settings, name, read } = editor;
  const errors = editor.findings.filter(({ level }) => level === 'ERROR').length;
  const common = {
    detectorModelName: name,
    ...(settings.description !== '' && { detectorModelDescription: settings.description }),
    roleArn: settings.roleArn,
    evaluationMethod: settings.evaluationMethod,
  };
  const { detectorModelName: _, ...updated } = common;
  const publish = async () => {
    if (!read.ok) return;
    setBusy(true);
    setError(undefined);
    try {
      const input = { ...common, detectorModelDefinition: read.definition };
      if (published === undefined) {
        const key = settings.key === '' ? {} : { key: settings.key };
        await call('CreateDetectorModel', { ...input, ...key });
      } else {
        const body = { ...updated, detectorModelDefinition: read.definition };
        await raw(
          'POST',
          `/detector-models/${encode(name)}`,
          [['keepDetectors', String(fate === 'keep')]],
          body,
        );
      }
      await discardDraft(name);
      queries.removeQueries({ queryKey: ['draft', name] });
      await queries.invalidateQueries();
      say(`${name} is published`);
      await navigate({ to: '/models/$model', params: { model: name } });
    } catch (failure) {
      setError(failure);
      setBusy(false);
    }
  };
  const before =
    published === undefined ? '' : JSON.stringify(published.detectorModelDefinition, undefined, 2);
  return (
    <Dialog
      title={`Publish ${name}`}
      isOpen
      onClose={onClose}
      wide
      footer={
        <>
          {read.ok && published === undefined && (
            <CopyCall
              operation="CreateDetectorModel"
              input={{ ...common, detectorModelDefinition: read.definition, key: settings.key }}
            />
          )}
          {read.ok && published !== undefined && (
            <CopyCall
              operation="UpdateDetectorModel"
              input={{ ...common, detectorModelDefinition: read.definition }}
            />
          )}
          <button type="button" className="button" onClick={onClose}>
            Cancel
          </button>
          <button
            type="button"
            className="button primary"
            disabled={busy || errors > 0 || !read.ok}
            onClick={() => void publish()}
          >
            Publish
          </button>
        </>
      }
    >
      {errors > 0 && (
        <div className="banner bad">
          <CircleAlert aria-hidden="true" />
          <span className="grow">
            {errors === 1 ? 'An error keeps' : `${errors} errors keep`} the model from being published. Close
            this and mend {errors === 1 ? 'it' : 'them'}: each one leads to its place.
          </span>
        </div>
      )}
      <div className="publish-fields">
        <TextField
          label="Description"
          value={settings.description}
          onChange={(description) => editor.change({ description })}
        />
        <TextField
          label="Role ARN"
          value={settings.roleArn}
          onChange={(roleArn) => editor.change({ roleArn })}
        />
        {published === undefined ? (
          <KeyField value={settings.key} attributes={attributes} onChange={(key) => editor.change({ key })} />
        ) : (
          <div className="field">
            <span className="label">Key</span>
            <span>{settings.key === '' ? 'None: one detector' : settings.key}</span>
            <span className="hint">The key of a published model cannot be changed.</span>
          </div>
        )}
        <ChoiceField
          label="Evaluation method"
          value={settings.evaluationMethod}
          values={['BATCH', 'SERIAL']}
          onChange={(value) => editor.change({ evaluationMethod: value === 'SERIAL' ? 'SERIAL' : 'BATCH' })}
        />
      </div>
      {published !== undefined && read.ok && errors === 0 && (
        <FatesChoice
          name={name}
          body={{ ...updated, detectorModelDefinition: read.definition }}
          value={fate}
          onChange={setFate}
        />
      )}
      {published !== undefined && (
        <section className="stack tight">
          <h3>Changes of the definition</h3>
          <DiffView before={before} after={JSON.stringify(editor.history.document, undefined, 2)} />
        </section>
      )}
      <Problem error={error} />
    </Dialog>
  );
}

interface KeyFieldProps {
  readonly value: string;
  readonly attributes: readonly string[];
  readonly onChange: (key: string) => void;
}

function KeyField({ value, attributes, onChange }: KeyFieldProps) {
  const none = 'One detector for all messages';
  return (
    <ChoiceField
      label="Create a detector for each value of"
      value={value === '' ? none : value}
      values={[none, ...attributes]}
      onChange={(next) => onChange(next === none ? '' : next)}
    />
  );
}

/** What becomes of the detectors that there are. */
interface Fates {
  readonly kept: number;
  readonly reset: number;
  readonly resetDetectors: readonly { readonly keyValue?: string; readonly stateName: string }[];
}

type Fate = 'reset' | 'keep';
const MOST_NAMED = 8;

interface FatesChoiceProps {
  readonly name: string;
  readonly body: object;
  readonly value: Fate;
  readonly onChange: (fate: Fate) => void;
}

/** Resets all detectors, as AWS did, or keeps those that the new version can: which ones these are, asked of the server. */
function FatesChoice({ name, body, value, onChange }: FatesChoiceProps) {
  const { data, error, isPending } = useQuery({
    queryKey: ['preview', name, body],
    queryFn: async ({ signal }) => {
      const path = `/detector-models/${encode(name)}`;
      const answer = await raw<{ detectors?: Fates }>(
        'POST',
        path,
        [['keepDetectors', 'preview']],
        body,
        signal,
      );
      return answer.detectors ?? null;
    },
    gcTime: 0,
    retry: false,
  });
  if (isPending) return <p className="soft">Looking what becomes of the detectors…</p>;
  if (error !== null) return <Problem error={error} />;
  if (data === null || data.kept + data.reset === 0) return <p className="soft">No detector exists yet.</p>;
  const total = data.kept + data.reset;
  const named = data.resetDetectors.slice(0, MOST_NAMED);
  return (
    <fieldset className="pairs">
      <legend className="label">
        {total === 1 ? 'The one detector' : `The ${total.toLocaleString('en')} detectors`}
      </legend>
      <label className="check">
        <input type="radio" name="fate" checked={value === 'keep'} onChange={() => onChange('keep')} />
        <span>
          Keep those that can be kept: <strong>{data.kept.toLocaleString('en')} kept</strong>,{' '}
          {data.reset.toLocaleString('en')} reset
        </span>
      </label>
      <label className="check">
        <input type="radio" name="fate" checked={value === 'reset'} onChange={() => onChange('reset')} />
        <span>
          Reset all, as AWS IoT Events does: <strong>{total.toLocaleString('en')} reset</strong>
        </span>
      </label>
      <p className="soft small-text">
        {value === 'reset'
          ? 'All lose state, variables and timers, and begin anew with their next message.'
          : named.length === 0
            ? 'All go on in the state they are in, with their variables and timers.'
            : `Reset, because the new version does not have their state: ${named
                .map(({ keyValue, stateName }) => `${keyValue ?? name} (${stateName})`)
                .join(
                  ', ',
                )}${data.reset > named.length ? ` and ${(data.reset - named.length).toLocaleString('en')} more` : ''}.`}
      </p>
    </fieldset>
  );
}
