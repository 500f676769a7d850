import type { Sample } from '../api/overview.ts';
import { Chart } from '../components/chart.tsx';

export default function Rates({ samples }: { readonly samples: readonly Sample[] }) {
  if (samples.length < 2)
    return <p className="soft">The first figures come a few seconds after the start.</p>;
  const times = samples.map(({ at }) => at);
  return (
    <div className="charts">
      <Chart title="Messages" unit="/s" times={times} values={samples.map(({ messages }) => messages)} />
      <Chart
        title="Transitions"
        unit="/s"
        times={times}
        values={samples.map(({ transitions }) => transitions)}
      />
      <Chart title="Commit latency" unit="ms" times={times} values={samples.map(({ commit }) => commit)} />
      <Chart title="Messages queued" unit="" times={times} values={samples.map(({ queued }) => queued)} />
      <Chart title="Actions pending" unit="" times={times} values={samples.map(({ pending }) => pending)} />
      <Chart
        title="Storage"
        unit="MB"
        times={times}
        values={samples.map(({ storage }) => (storage === null ? null : storage / 1e6))}
      />
    </div>
  );
}
