import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useVirtualizer } from '@tanstack/react-virtual';
import { ArrowDown, ArrowUp, Boxes } from 'lucide-react';
import { useMemo, useRef } from 'react';
import { type DetectorRow, detectorsQuery } from '../api/overview.ts';
import type { Sort } from '../app/sorts.ts';
import { StateName } from '../components/badge.tsx';
import { Empty, Failed, Loading } from '../components/notice.tsx';
import { SearchBox } from '../components/search-box.tsx';
import { durationText, Time, useNow, useSettled } from '../components/time.tsx';

const page = getRouteApi('/models/$model');
const route = getRouteApi('/models/$model/detectors');

const ROW_HEIGHT = 44;
const COLUMNS: readonly (readonly [Sort, string])[] = [
  ['key', 'Key value'],
  ['state', 'State'],
  ['updated', 'Last evaluation'],
  ['timer', 'Next timer'],
];

/** All detectors of a model. The address holds the filters, so that a view can be shared. */
export function ModelDetectors() {
  const { model } = page.useParams();
  const { state, q = '', sort = 'key', desc = false } = route.useSearch();
  const navigate = route.useNavigate();
  const key = useSettled(q);
  const { data, error, isPending, refetch } = useQuery(detectorsQuery(model, state, key));
  const rows = useMemo(() => sortRows(data?.rows ?? [], sort, desc), [data, sort, desc]);
  const search = (change: Record<string, string | boolean | undefined>) =>
    void navigate({ search: (before) => ({ ...before, ...change }), replace: true });
  return (
    <>
      <div className="row">
        <SearchBox
          label="Search key values"
          value={q}
          onChange={(text) => search({ q: text === '' ? undefined : text })}
        />
        <select
          className="select"
          aria-label="State"
          value={state ?? ''}
          onChange={(event) => search({ state: event.target.value === '' ? undefined : event.target.value })}
        >
          <option value="">All states</option>
          {data?.states.map((each) => (
            <option key={each}>{each}</option>
          ))}
        </select>
        <span className="soft small-text" role="status">
          {data !== undefined && `${data.total.toLocaleString('en')} detector${data.total === 1 ? '' : 's'}`}
          {data !== undefined &&
            data.total > data.rows.length &&
            `, the first ${data.rows.length.toLocaleString('en')} shown`}
        </span>
      </div>
      <div className="panel">
        {isPending && <Loading what="Loading detectors" />}
        {error !== null && data === undefined && <Failed error={error} retry={() => void refetch()} />}
        {data !== undefined && rows.length === 0 && (
          <Empty
            icon={Boxes}
            title={q === '' && state === undefined ? 'No detectors yet' : 'No detector fits'}
          >
            {q === '' && state === undefined
              ? 'The first message with a key value creates its detector.'
              : 'Change the search or the state to see others.'}
          </Empty>
        )}
        {data !== undefined && rows.length > 0 && (
          <Rows
            model={model}
            rows={rows}
            states={data.states}
            sort={sort}
            desc={desc}
            onSort={(next) => search({ sort: next, desc: next === sort && !desc ? true : undefined })}
          />
        )}
      </div>
    </>
  );
}

interface RowsProps {
  readonly model: string;
  readonly rows: readonly DetectorRow[];
  readonly states: readonly string[];
  readonly sort: Sort;
  readonly desc: boolean;
  readonly onSort: (sort: Sort) => void;
}

/** A table that draws only the rows in sight. */
function Rows({ model, rows, states, sort, desc, onSort }: RowsProps) {
  const frame = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => frame.current,
    estimateSize: () => ROW_HEIGHT,
    overscan: 24,
  });
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached with the keyboard
    <div ref={frame} className="virtual" tabIndex={0} role="region" aria-label="Detectors">
      <div role="table" aria-label="Detectors" aria-rowcount={rows.length + 1}>
        <div role="rowgroup" className="virtual-head">
          <div role="row" className="virtual-row" aria-rowindex={1}>
            {COLUMNS.map(([name, label]) => (
              <div
                key={name}
                role="columnheader"
                aria-sort={sort !== name ? 'none' : desc ? 'descending' : 'ascending'}
              >
                <button type="button" className="sort" onClick={() => onSort(name)}>
                  {label}
                  {sort === name &&
                    (desc ? <ArrowDown aria-hidden="true" /> : <ArrowUp aria-hidden="true" />)}
                </button>
              </div>
            ))}
          </div>
        </div>
        <div role="rowgroup" style={{ position: 'relative', height: virtual.getTotalSize() }}>
          {virtual.getVirtualItems().map(({ index, start }) => {
            const row = rows[index];
            if (row === undefined) return null;
            return (
              <div
                key={row.keyValue ?? ''}
                role="row"
                aria-rowindex={index + 2}
                className="virtual-row"
                style={{
                  position: 'absolute',
                  inset: '0 0 auto',
                  transform: `translateY(${start}px)`,
                  height: ROW_HEIGHT,
                }}
              >
                <div role="cell" className="truncate">
                  <Link
                    to="/models/$model/detector"
                    params={{ model }}
                    search={row.keyValue === null ? {} : { key: row.keyValue }}
                    preload={false}
                  >
                    {row.keyValue ?? 'The one detector'}
                  </Link>
                </div>
                <div role="cell">
                  <StateName name={states[row.state] ?? ''} place={row.state} />
                </div>
                <div role="cell">
                  <Time at={row.lastUpdateTime} />
                </div>
                <div role="cell" className="number">
                  <Countdown to={row.nextTimer} />
                </div>
              </div>
            );
          })}
        </div>
      </div>
    </div>
  );
}

function Countdown({ to }: { readonly to: number | null }) {
  const now = useNow();
  if (to === null) return <span className="soft">–</span>;
  return to > now ? `in ${durationText(to - now)}` : 'due';
}

/** Texts in the order of people, with numbers in them by their size. */
const collator = new Intl.Collator('en', { numeric: true });

export function sortRows(rows: readonly DetectorRow[], sort: Sort, desc: boolean): readonly DetectorRow[] {
  const never = Number.POSITIVE_INFINITY;
  const compare: Record<Sort, (a: DetectorRow, b: DetectorRow) => number> = {
    key: (a, b) => collator.compare(a.keyValue ?? '', b.keyValue ?? ''),
    state: (a, b) => a.state - b.state,
    updated: (a, b) => b.lastUpdateTime - a.lastUpdateTime,
    timer: (a, b) => (a.nextTimer ?? never) - (b.nextTimer ?? never) || 0,
  };
  const sorted = rows.toSorted(compare[sort]);
  return desc ? sorted.reverse() : sorted;
}
