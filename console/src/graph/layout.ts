import { Graph as Dagre, layout as dagreLayout } from '@dagrejs/dagre';
import type { Graph } from './project.ts';

export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface Layout {
  /** By state id: the top left corner. */
  readonly positions: ReadonlyMap<string, Point>;
  /** By transition id: the way of the line, and where its label stands. */
  readonly routes: ReadonlyMap<string, Route>;
  readonly width: number;
  readonly height: number;
}

export interface Route {
  readonly points: readonly Point[];
  readonly label: Point;
}

export type Direction = 'LR' | 'TB';

export const NODE = { width: 208, height: 76 } as const;
const LABEL_HEIGHT = 24;
/** Mean width of a character of a label, and its padding; pixels. */
const CHARACTER = 6.6;
const LONGEST_LABEL = 180;

export function labelWidth(text: string): number {
  return Math.min(LONGEST_LABEL, text.length * CHARACTER + 20);
}

/** Places the states in layers along `direction`, and leads each transition around what is in its way. */
export function layoutGraph({ states, transitions }: Graph, direction: Direction): Layout {
  const graph = new Dagre({ multigraph: true });
  graph.setGraph({ rankdir: direction, nodesep: 44, ranksep: 64, edgesep: 24, marginx: 24, marginy: 24 });
  graph.setDefaultEdgeLabel(() => ({}));
  for (const { id } of states) graph.setNode(id, { ...NODE });
  for (const { id, from, to, eventName } of transitions) {
    graph.setEdge(from, to, { width: labelWidth(eventName), height: LABEL_HEIGHT, labelpos: 'c' }, id);
  }
  dagreLayout(graph);
  const positions = new Map<string, Point>();
  for (const { id } of states) {
    const { x = 0, y = 0 } = graph.node(id) as Partial<Point>;
    positions.set(id, { x: x - NODE.width / 2, y: y - NODE.height / 2 });
  }
  const routes = new Map<string, Route>();
  for (const { id, from, to } of transitions) {
    const edge = graph.edge(from, to, id) as { points?: Point[]; x?: number; y?: number };
    const points = edge.points ?? [];
    const middle = points[Math.floor(points.length / 2)] ?? { x: 0, y: 0 };
    routes.set(id, { points, label: { x: edge.x ?? middle.x, y: edge.y ?? middle.y } });
  }
  return { positions, routes, width: graph.graph().width ?? 0, height: graph.graph().height ?? 0 };
}

/** The way between two states that have been moved by hand; `bend` keeps parallel transitions apart. */
export function routeBetween(from: Point, to: Point, bend: number): Route {
  const [a, b] = [centre(from), centre(to)];
  if (from.x === to.x && from.y === to.y) return loop(from, bend);
  const [dx, dy] = [b.x - a.x, b.y - a.y];
  const length = Math.hypot(dx, dy) || 1;
  const side = 28 + bend * 34;
  const middle = { x: (a.x + b.x) / 2 - (dy / length) * side, y: (a.y + b.y) / 2 + (dx / length) * side };
  return { points: [border(a, middle), middle, border(b, middle)], label: middle };
}

/** A smooth line through all the points, as the text of an SVG path. */
export function pathThrough(points: readonly Point[]): string {
  const [first, ...rest] = points;
  if (first === undefined) return '';
  let path = `M${round(first)}`;
  for (const [index, to] of rest.entries()) {
    // A Catmull-Rom spline: each point's direction is that from its neighbour before to the one after.
    const from = points[index] ?? first;
    const before = points[index - 1] ?? from;
    const after = points[index + 2] ?? to;
    const leave = { x: from.x + (to.x - before.x) / 6, y: from.y + (to.y - before.y) / 6 };
    const arrive = { x: to.x - (after.x - from.x) / 6, y: to.y - (after.y - from.y) / 6 };
    path += ` C${round(leave)} ${round(arrive)} ${round(to)}`;
  }
  return path;
}

function loop(at: Point, bend: number): Route {
  const right = at.x + NODE.width;
  const reach = 44 + bend * 34;
  const top = at.y + NODE.height * 0.3;
  const bottom = at.y + NODE.height * 0.7;
  return {
    points: [
      { x: right, y: top },
      { x: right + reach, y: top - 16 },
      { x: right + reach, y: bottom + 16 },
      { x: right, y: bottom },
    ],
    label: { x: right + reach, y: at.y + NODE.height / 2 },
  };
}

function centre({ x, y }: Point): Point {
  return { x: x + NODE.width / 2, y: y + NODE.height / 2 };
}

/** Where the line from a node's centre towards a point leaves the node. */
function border(from: Point, towards: Point): Point {
  const [dx, dy] = [towards.x - from.x, towards.y - from.y];
  const scale = Math.min(
    dx === 0 ? Number.POSITIVE_INFINITY : NODE.width / 2 / Math.abs(dx),
    dy === 0 ? Number.POSITIVE_INFINITY : NODE.height / 2 / Math.abs(dy),
  );
  if (!Number.isFinite(scale)) return from;
  return { x: from.x + dx * scale, y: from.y + dy * scale };
}

function round({ x, y }: Point): string {
  return `${Math.round(x * 10) / 10} ${Math.round(y * 10) / 10}`;
}
