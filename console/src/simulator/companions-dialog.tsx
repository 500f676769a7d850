import { useQueries, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { SimulatedModel } from '../../../src/simulate/models.ts';
import { alarmModelsQuery, modelsQuery } from '../api/queries.ts';
import { Dialog } from '../components/dialog.tsx';
import { Loading, Problem } from '../components/notice.tsx';
import { SearchBox } from '../components/search-box.tsx';
import { type Companion, companionId, inputsToFollow, readersQuery } from './companions.ts';

export interface CompanionsDialogProps {
  /** What is simulated now, the model at hand first. */
  readonly models: readonly SimulatedModel[];
  readonly chosen: readonly Companion[];
  readonly onChoose: (companions: readonly Companion[]) => void;
  readonly onClose: () => void;
}

/** From so many models on there is a search. */
const MANY = 8;

/** Chooses the models that are simulated together: those on the same inputs first. */
export function CompanionsDialog({ models, chosen, onChoose, onClose }: CompanionsDialogProps) {
  const [ticked, setTicked] = useState<ReadonlySet<string>>(() => new Set(chosen.map(companionId)));
  const [search, setSearch] = useState('');
  const { offered, error } = useOffered(models);
  const shown = offered?.filter(({ name }) => name.toLowerCase().includes(search.toLowerCase()));
  const toggle = (id: string) => {
    const next = new Set(ticked);
    if (!next.delete(id)) next.add(id);
    setTicked(next);
  };
  return (
    <Dialog
      title="Simulate together"
      isOpen
      onClose={onClose}
      footer={
        <>
          <button type="button" className="button" onClick={onClose}>
            Cancel
          </button>
          <button
            type="button"
            className="button primary"
            disabled={offered === undefined}
            onClick={() => {
              onChoose(offered?.filter((each) => ticked.has(companionId(each))) ?? []);
              onClose();
            }}
          >
            Simulate {ticked.size === 0 ? 'it alone' : `${ticked.size + 1} models`}
          </button>
        </>
      }
    >
      <div className="stack">
        <p className="soft">
          They get the same messages, what iotEvents actions put to their inputs, and the same clock, each as
          it is published. The simulation begins anew.
        </p>
        <Problem error={error} />
        {offered === undefined && error === undefined && <Loading what="Loading the models" />}
        {offered?.length === 0 && <p>There is no other model.</p>}
        {(offered?.length ?? 0) > MANY && (
          <SearchBox label="Search models" value={search} onChange={setSearch} />
        )}
        {shown !== undefined && shown.length > 0 && (
          <fieldset className="pairs companions">
            <legend className="hidden">Models</legend>
            {shown.map((each) => (
              <label key={companionId(each)} className="check">
                <input
                  type="checkbox"
                  checked={ticked.has(companionId(each))}
                  onChange={() => toggle(companionId(each))}
                />
                <span>
                  <strong className="wrap">{each.name}</strong>{' '}
                  <span className="soft small-text">
                    {each.kind === 'alarm' ? 'alarm model' : 'detector model'}
                    {each.reason !== undefined && `, ${each.reason}`}
                  </span>
                </span>
              </label>
            ))}
          </fieldset>
        )}
      </div>
    </Dialog>
  );
}

interface Offered extends Companion {
  /** What it has in common with what is simulated. */
  readonly reason: string | undefined;
}

/** All other models of the server; those first that read an input of what is simulated. */
function useOffered(models: readonly SimulatedModel[]): {
  readonly offered: readonly Offered[] | undefined;
  readonly error: unknown;
} {
  const detectors = useQuery(modelsQuery);
  const alarms = useQuery(alarmModelsQuery);
  const followed = [...inputsToFollow(models)];
  const readers = useQueries({ queries: followed.map(([inputName]) => readersQuery(inputName)) });
  const all = [detectors, alarms, ...readers];
  const error = all.find((query) => query.isError)?.error ?? undefined;
  if (all.some(({ data }) => data === undefined)) return { offered: undefined, error };
  const reasons = new Map<string, string>();
  readers.forEach(({ data = [] }, index) => {
    for (const reader of data) reasons.set(companionId(reader), followed[index]?.[1] ?? '');
  });
  // Scenarios tell models apart by their names alone.
  const [main] = models;
  const offered = [
    ...(detectors.data ?? []).map(({ detectorModelName: name = '' }) => ({
      kind: 'detector' as const,
      name,
    })),
    ...(alarms.data ?? []).map(({ alarmModelName: name = '' }) => ({ kind: 'alarm' as const, name })),
  ]
    .filter(({ name }, place, list) => {
      return name !== main?.compiled.name && list.findIndex((each) => each.name === name) === place;
    })
    .map((each) => ({ ...each, reason: reasons.get(companionId(each)) }))
    .sort((a, b) => Number(b.reason !== undefined) - Number(a.reason !== undefined));
  return { offered, error };
}
