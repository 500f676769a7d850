import 'uplot/dist/uPlot.min.css';
import { useEffect, useRef } from 'react';
import uPlot from 'uplot';
import { useTheme } from '../app/theme.ts';

export interface ChartProps {
  readonly title: string;
  /** Milliseconds since the epoch. */
  readonly times: readonly number[];
  readonly values: readonly (number | null)[];
  readonly unit: string;
}

const HEIGHT = 132;

/** One line over time. Screen readers get the title with the latest value. */
export function Chart({ title, times, values, unit }: ChartProps) {
  const frame = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot>(undefined);
  const theme = useTheme();
  const latest = values.findLast((value) => value !== null) ?? undefined;
  // biome-ignore lint/correctness/useExhaustiveDependencies: the colours are read anew when the theme changes
  useEffect(() => {
    const element = frame.current;
    if (element === null) return;
    const style = getComputedStyle(element);
    const [line, text, grid] = [style.getPropertyValue('outline-color'), style.color, style.borderColor];
    const axis = {
      stroke: text,
      grid: { stroke: grid, width: 1 },
      ticks: { show: false },
      font: '11px sans-serif',
    };
    const made = new uPlot(
      {
        width: Math.max(120, element.clientWidth),
        height: HEIGHT,
        legend: { show: false },
        cursor: { show: false },
        scales: { y: { range: (_plot, _min, max) => [0, Math.max(1, max * 1.15)] } },
        axes: [
          { ...axis, space: 70 },
          { ...axis, size: 46, space: 32 },
        ],
        series: [
          {},
          {
            stroke: line,
            width: 2,
            points: { show: false },
            fill: `color-mix(in srgb, ${line} 12%, transparent)`,
          },
        ],
      },
      [[], []],
      element,
    );
    plot.current = made;
    const resize = new ResizeObserver(() =>
      made.setSize({ width: Math.max(120, element.clientWidth), height: HEIGHT }),
    );
    resize.observe(element);
    return () => {
      resize.disconnect();
      made.destroy();
    };
  }, [theme]);
  useEffect(() => {
    plot.current?.setData([times.map((time) => time / 1000), [...values]]);
  }, [times, values]);
  const shown = latest === undefined ? '–' : `${formatNumber(latest)} ${unit}`;
  return (
    <figure className="chart" aria-label={`${title}: ${shown}`}>
      <figcaption className="row spread">
        <span className="soft small-text">{title}</span>
        <strong className="number">{shown}</strong>
      </figcaption>
      <div ref={frame} className="plot" aria-hidden="true" />
    </figure>
  );
}

export function formatNumber(value: number): string {
  const digits = Math.abs(value) < 10 && !Number.isInteger(value) ? 1 : 0;
  return value.toLocaleString('en', { maximumFractionDigits: digits });
}
