import '@xyflow/react/dist/base.css';
import './graph.css';
import {
  Background,
  BackgroundVariant,
  type Connection,
  Controls,
  type Edge,
  MarkerType,
  type Node,
  type NodeChange,
  type NodeHandle,
  Position,
  ReactFlow,
  type ReactFlowInstance,
  ReactFlowProvider,
} from '@xyflow/react';
import { type KeyboardEvent, useMemo, useRef } from 'react';
import type { DetectorModelDefinition } from '../../../src/core/model/definition.ts';
import { type Layout, layoutGraph, NODE, type Point, type Route, routeBetween } from './layout.ts';
import { type Graph, type GraphState, type GraphTransition, projectDefinition } from './project.ts';
import { type StateData, StateNode } from './state-node.tsx';
import { type TransitionData, TransitionEdge } from './transition-edge.tsx';

export interface ModelGraphProps {
  readonly definition: DetectorModelDefinition;
  /** The id of the state or transition that is selected. */
  readonly selected?: string | undefined;
  readonly onSelect?: (id: string | undefined) => void;
  /** The state that a detector is in. */
  readonly active?: string | undefined;
  /** Detectors by the name of their state. */
  readonly counts?: Readonly<Record<string, number>> | undefined;
  /** How often each transition, by id, was seen to happen; a change lets it pulse. */
  readonly fired?: ReadonlyMap<string, number>;
  /** Ids with a finding, and how grave. */
  readonly marks?: ReadonlyMap<string, Mark>;
  /** Where states were put by hand, by name. */
  readonly placed?: Readonly<Record<string, Point>>;
  readonly onPlace?: (stateName: string, at: Point) => void;
  readonly onConnect?: (from: string, to: string) => void;
  readonly label: string;
}

type Mark = 'ERROR' | 'WARNING';

const NODE_TYPES = { state: StateNode };
const EDGE_TYPES = { transition: TransitionEdge };
const HANDLE = { width: 12, height: 12, y: NODE.height / 2 - 6 };
const HANDLES: NodeHandle[] = [
  { type: 'target', position: Position.Left, x: -6, ...HANDLE },
  { type: 'source', position: Position.Right, x: NODE.width - 6, ...HANDLE },
];
const FIT = { padding: 0.08, maxZoom: 1 };
const NOT_PLACED: Readonly<Record<string, Point>> = {};
const LABELS = {
  'node.a11yDescription.default': 'Press Enter to open the state.',
  'edge.a11yDescription.default': 'Press Enter to open the transition.',
};

/** The one graph of a detector model: to look at, to watch live and to edit. */
export function ModelGraph(props: ModelGraphProps) {
  return (
    <ReactFlowProvider>
      <Canvas {...props} />
    </ReactFlowProvider>
  );
}

function Canvas(props: ModelGraphProps) {
  const { definition, selected, onSelect, onPlace, onConnect, active, counts, marks, fired, label } = props;
  const placed = props.placed ?? NOT_PLACED;
  const isConnectable = onConnect !== undefined;
  const frame = useRef<HTMLElement>(null);
  const graph = useMemo(() => projectDefinition(definition), [definition]);
  const direction = innerWidth < 720 ? 'TB' : 'LR';
  const laidOut = useMemo(() => layoutGraph(graph, direction), [graph, direction]);
  const spots = useMemo(
    () =>
      new Map(
        graph.states.map(({ id, name }) => [id, placed[name] ?? laidOut.positions.get(id) ?? { x: 0, y: 0 }]),
      ),
    [graph, laidOut, placed],
  );
  const routes = useMemo(() => routesOf(graph, laidOut, spots, placed), [graph, laidOut, spots, placed]);
  const nodes = useKept(
    graph.states.map(
      (state): NodeParts => ({
        state,
        position: spots.get(state.id) as Point,
        isSelected: selected === state.id,
        isActive: active === state.name,
        count: counts?.[state.name],
        mark: marks?.get(state.id),
        isConnectable,
      }),
    ),
    nodeOf,
  );
  const edges = useKept(
    graph.transitions.map(
      (transition): EdgeParts => ({
        transition,
        route: routes.get(transition.id) as Route,
        isSelected: selected === transition.id,
        mark: marks?.get(transition.id),
        fired: fired?.get(transition.id) ?? 0,
      }),
    ),
    edgeOf,
  );
  const handlers = useHandlers(props, graph);
  /** All of it, with the labels that stand beside the states; never larger than life. */
  const show = ({ setCenter }: ReactFlowInstance<Node<StateData>, Edge<TransitionData>>) => {
    const { clientWidth = 1, clientHeight = 1 } = frame.current ?? {};
    const { width, height } = laidOut;
    const zoom = Math.min(1, clientWidth / (width + 16), clientHeight / (height + 16));
    void setCenter(width / 2, height / 2, { zoom });
  };
  return (
    <section
      ref={frame}
      className="graph"
      aria-label={label}
      style={{ blockSize: `clamp(20rem, ${laidOut.height + 120}px, min(40rem, 70dvh))` }}
    >
      <ReactFlow
        nodes={nodes}
        edges={edges}
        nodeTypes={NODE_TYPES}
        edgeTypes={EDGE_TYPES}
        ariaLabelConfig={LABELS}
        nodesDraggable={onPlace !== undefined}
        nodesConnectable={isConnectable}
        nodesFocusable
        edgesFocusable
        elementsSelectable={onSelect !== undefined}
        deleteKeyCode={null}
        multiSelectionKeyCode={null}
        minZoom={0.2}
        maxZoom={1.6}
        onInit={show}
        attributionPosition="bottom-left"
        fitViewOptions={FIT}
        {...handlers}
      >
        <Background variant={BackgroundVariant.Dots} gap={20} size={1.2} color="var(--line)" />
        <Controls showInteractive={false} position="bottom-right" />
      </ReactFlow>
    </section>
  );
}

/** What to do about events; the functions stay the same, for each change of one is told to every node and edge. */
function useHandlers(props: ModelGraphProps, graph: Graph) {
  const latest = useRef({ props, graph });
  latest.current = { props, graph };
  return useMemo(() => {
    const stateOf = (id: string) => latest.current.graph.states.find((state) => state.id === id);
    const select = (id: string | undefined) => latest.current.props.onSelect?.(id);
    return {
      onNodesChange: (changes: NodeChange<Node<StateData>>[]) => {
        for (const change of changes) {
          if (change.type !== 'position' || change.position === undefined) continue;
          const state = stateOf(change.id);
          if (state !== undefined) latest.current.props.onPlace?.(state.name, change.position);
        }
      },
      onConnect: ({ source, target }: Connection) => {
        const [from, to] = [stateOf(source), stateOf(target)];
        if (from !== undefined && to !== undefined) latest.current.props.onConnect?.(from.name, to.name);
      },
      onNodeClick: (_event: unknown, { id }: { readonly id: string }) => select(id),
      onEdgeClick: (_event: unknown, { id }: { readonly id: string }) => select(id),
      onPaneClick: () => select(undefined),
      onKeyDown: (event: KeyboardEvent) => {
        const id = idOf(event.target);
        const { selected, onSelect } = latest.current.props;
        if ((event.key !== 'Enter' && event.key !== ' ') || id === undefined || onSelect === undefined)
          return;
        event.preventDefault();
        onSelect(id === selected ? undefined : id);
      },
    };
  }, []);
}

/**
 * Makes an item of each of the parts, and keeps those whose parts are the same as before: only what has changed is
 * drawn again, however often its screen is.
 */
function useKept<Parts extends object, Item>(parts: readonly Parts[], make: (parts: Parts) => Item): Item[] {
  const kept = useRef<{ readonly parts: readonly Parts[]; readonly items: Item[] }>({ parts: [], items: [] });
  const { current } = kept;
  const items = parts.map((each, place) => {
    const before = current.parts[place];
    return before !== undefined && isSame(before, each) ? (current.items[place] as Item) : make(each);
  });
  const isUnchanged =
    items.length === current.items.length && items.every((item, place) => item === current.items[place]);
  if (!isUnchanged) kept.current = { parts, items };
  return kept.current.items;
}

function isSame<Parts extends object>(a: Parts, b: Parts): boolean {
  return (Object.keys(a) as (keyof Parts)[]).every((name) => Object.is(a[name], b[name]));
}

/** The way of each transition: as it was laid out, or between states that were moved by hand. */
function routesOf(
  { transitions, states }: Graph,
  laidOut: Layout,
  spots: ReadonlyMap<string, Point>,
  placed: Readonly<Record<string, Point>>,
): ReadonlyMap<string, Route> {
  const moved = new Set(states.filter(({ name }) => placed[name] !== undefined).map(({ id }) => id));
  const routes = new Map<string, Route>();
  const parallel = new Map<string, number>();
  for (const { id, from, to } of transitions) {
    const bend = parallel.get(`${from} ${to}`) ?? 0;
    parallel.set(`${from} ${to}`, bend + 1);
    const [start, end] = [spots.get(from), spots.get(to)];
    const isMoved = (moved.has(from) || moved.has(to)) && start !== undefined && end !== undefined;
    const route = isMoved ? routeBetween(start, end, bend) : laidOut.routes.get(id);
    routes.set(id, route ?? { points: [], label: { x: 0, y: 0 } });
  }
  return routes;
}

/** The id of the state or transition that has the focus. */
function idOf(target: EventTarget): string | undefined {
  if (!(target instanceof Element)) return undefined;
  const found = target.closest('.react-flow__node, .react-flow__edge');
  return found?.getAttribute('data-id') ?? undefined;
}

/** What a node is drawn from. */
interface NodeParts {
  readonly state: GraphState;
  readonly position: Point;
  readonly isSelected: boolean;
  readonly isActive: boolean;
  readonly count: number | undefined;
  readonly mark: Mark | undefined;
  readonly isConnectable: boolean;
}

function nodeOf({
  state,
  position,
  isSelected,
  isActive,
  count,
  mark,
  isConnectable,
}: NodeParts): Node<StateData> {
  return {
    id: state.id,
    type: 'state',
    position,
    selected: isSelected,
    // Known beforehand: nothing has to be measured, and nothing flickers when something changes.
    measured: NODE,
    handles: HANDLES,
    ariaRole: 'button',
    data: {
      state,
      name: nameOfState(state, isActive, count, mark),
      isActive,
      count,
      mark,
      isConnectable,
    },
  };
}

/** What an edge is drawn from. */
interface EdgeParts {
  readonly transition: GraphTransition;
  readonly route: Route;
  readonly isSelected: boolean;
  readonly mark: Mark | undefined;
  readonly fired: number;
}

function edgeOf({ transition, route, isSelected, mark, fired }: EdgeParts): Edge<TransitionData> {
  return {
    id: transition.id,
    type: 'transition',
    source: transition.from,
    target: transition.to,
    selected: isSelected,
    ariaRole: 'button',
    ariaLabel: [
      `Transition ${transition.eventName || 'without a name'}`,
      `from ${transition.fromName} to ${transition.toName}`,
      ...markWords(mark),
    ].join(', '),
    markerEnd: {
      type: MarkerType.ArrowClosed,
      width: 18,
      height: 18,
      color: isSelected ? 'var(--accent)' : 'var(--line-strong)',
    },
    data: { transition, route, mark, fired },
  };
}

function nameOfState(
  { name, onEnter, onInput, onExit, outgoing, isInitial }: GraphState,
  isActive: boolean,
  count?: number,
  mark?: Mark,
) {
  const events = onEnter + onInput + onExit;
  return [
    `State ${name}`,
    isInitial && 'initial',
    isActive && 'active',
    count !== undefined && plural(count, 'detector'),
    plural(events, 'event'),
    plural(outgoing, 'transition'),
    ...markWords(mark),
  ]
    .filter((part) => part !== false)
    .join(', ');
}

/** What the colour of a mark says. */
function markWords(mark: Mark | undefined): string[] {
  if (mark === undefined) return [];
  return [mark === 'ERROR' ? 'with an error' : 'with a warning'];
}

function plural(count: number, word: string): string {
  return `${count.toLocaleString('en')} ${word}${count === 1 ? '' : 's'}`;
}
