import { useQuery } from '@tanstack/react-query';
import { getRouteApi, useRouter } from '@tanstack/react-router';
import { useVirtualizer } from '@tanstack/react-virtual';
import { ArrowDown, ArrowUp, Boxes } from 'lucide-react';
import { type MouseEvent, memo, useCallback, useMemo, useRef } from 'react';
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
    overscan: 12,
  });
  const router = useRouter();
  // The links of the router look at the whole address for each drawing: too much for rows that come and go.
  const base = router.buildLocation({ to: '/models/$model/detector', params: { model } }).href;
  const hrefOf = (keyValue: string | null) =>
    keyValue === null ? base : `${base}?key=${encodeURIComponent(JSON.stringify(keyValue))}`;
  const open = useCallback(
    (keyValue: string | null) =>
      void router.navigate({
        to: '/models/$model/detector',
        params: { model },
        search: keyValue === null ? {} : { key: keyValue },
      }),
    [router, model],
  );
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
            const href = hrefOf(row.keyValue);
            return (
              <Row
                key={row.keyValue ?? ''}
                row={row}
                stateName={states[row.state] ?? ''}
                href={href}
                index={index}
                start={start}
                onOpen={open}
              />
            );
          })}
        </div>
      </div>
    </div>
  );
}

interface RowProps {
  readonly row: DetectorRow;
  readonly stateName: string;
  readonly href: string;
  readonly index: number;
  readonly start: number;
  readonly onOpen: (keyValue: string | null) => void;
}

/** Drawn anew only when something in it changes: while scrolling nothing does. */
const Row = memo(function Row({ row, stateName, href, index, start, onOpen }: RowProps) {
  const { keyValue, state, lastUpdateTime, nextTimer } = row;
  const follow = (event: MouseEvent) => {
    if (event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    onOpen(keyValue);
  };
  return (
    <div
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
        <a href={href} onClick={follow}>
          {keyValue ?? 'The one detector'}
        </a>
      </div>
      <div role="cell">
        <StateName name={stateName} place={state} />
      </div>
      <div role="cell">
        <Time at={lastUpdateTime} />
      </div>
      <div role="cell" className="number">
        <Countdown to={nextTimer} />
      </div>
    </div>
  );
});

function Countdown({ to }: { readonly to: number | null }) {
  const now = useNow();
  if (to === null) return <span className="soft">–</span>;
  return to > now ? `in ${durationText(to - now)}` : 'due';
}

/** Numbers in texts by their size: `d-9` before `d-10`. */
function sortKey(text: string | null): string {
  return (text ?? '').toLowerCase().replace(/\d+/g, (digits) => digits.padStart(16, '0'));
}

export function sortRows(rows: readonly DetectorRow[], sort: Sort, desc: boolean): readonly DetectorRow[] {
  const sign = desc ? -1 : 1;
  // Each row's key is made once, not for each comparison.
  const keyed = rows.map((row) => [keyOf(row, sort), row] as const);
  keyed.sort(([a], [b]) => (a === b ? 0 : a < b ? -sign : sign));
  return keyed.map(([, row]) => row);
}

function keyOf({ keyValue, state, lastUpdateTime, nextTimer }: DetectorRow, sort: Sort): string | number {
  if (sort === 'key') return sortKey(keyValue);
  if (sort === 'state') return state;
  return sort === 'updated' ? -lastUpdateTime : (nextTimer ?? Number.POSITIVE_INFINITY);
}
