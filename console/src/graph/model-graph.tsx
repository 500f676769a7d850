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
import { useMemo, useRef } from 'react';
import type { DetectorModelDefinition } from '../../../src/core/model/definition.ts';
import { layoutGraph, NODE, type Point, routeBetween } from './layout.ts';
import { type GraphState, type GraphTransition, projectDefinition } from './project.ts';
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
  const { definition, selected, onSelect, onPlace, onConnect, placed = {}, label } = props;
  const frame = useRef<HTMLElement>(null);
  const graph = useMemo(() => projectDefinition(definition), [definition]);
  const direction = innerWidth < 720 ? 'TB' : 'LR';
  const laidOut = useMemo(() => layoutGraph(graph, direction), [graph, direction]);
  const positionOf = (state: GraphState) =>
    placed[state.name] ?? laidOut.positions.get(state.id) ?? { x: 0, y: 0 };
  const byId = new Map(graph.states.map((state) => [state.id, state]));
  const nodes = graph.states.map((state) => nodeOf(state, positionOf(state), props));
  const edges = graph.transitions.map((transition, index) => {
    const [from, to] = [byId.get(transition.from), byId.get(transition.to)];
    const moved = [from, to].some((state) => state !== undefined && placed[state.name] !== undefined);
    const bend = graph.transitions
      .slice(0, index)
      .filter((each) => each.from === transition.from && each.to === transition.to).length;
    const route =
      moved && from !== undefined && to !== undefined
        ? routeBetween(positionOf(from), positionOf(to), bend)
        : laidOut.routes.get(transition.id);
    return edgeOf(transition, route, props);
  });
  const move = (changes: NodeChange[]) => {
    for (const change of changes) {
      if (change.type !== 'position' || change.position === undefined) continue;
      const state = byId.get(change.id);
      if (state !== undefined) onPlace?.(state.name, change.position);
    }
  };
  const connect = ({ source, target }: Connection) => {
    const [from, to] = [byId.get(source), byId.get(target)];
    if (from !== undefined && to !== undefined) onConnect?.(from.name, to.name);
  };
  /** All of it, with the labels that stand beside the states; never larger than life. */
  const show = ({ setCenter }: ReactFlowInstance<Node<StateData>, Edge<TransitionData>>) => {
    const { clientWidth = 1, clientHeight = 1 } = frame.current ?? {};
    const { width, height } = laidOut;
    const zoom = Math.min(1, clientWidth / (width + 16), clientHeight / (height + 16));
    void setCenter(width / 2, height / 2, { zoom });
  };
  const isEditable = onPlace !== undefined;
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
        nodesDraggable={isEditable}
        nodesConnectable={onConnect !== undefined}
        nodesFocusable
        edgesFocusable
        elementsSelectable={onSelect !== undefined}
        deleteKeyCode={null}
        multiSelectionKeyCode={null}
        minZoom={0.2}
        maxZoom={1.6}
        onInit={show}
        attributionPosition="bottom-left"
        fitViewOptions={{ padding: 0.08, maxZoom: 1 }}
        onNodesChange={move}
        onConnect={connect}
        onNodeClick={(_event, { id }) => onSelect?.(id)}
        onEdgeClick={(_event, { id }) => onSelect?.(id)}
        onPaneClick={() => onSelect?.(undefined)}
        onKeyDown={(event) => {
          const id = idOf(event.target);
          if ((event.key !== 'Enter' && event.key !== ' ') || id === undefined || onSelect === undefined)
            return;
          event.preventDefault();
          onSelect(id === selected ? undefined : id);
        }}
      >
        <Background variant={BackgroundVariant.Dots} gap={20} size={1.2} color="var(--line)" />
        <Controls showInteractive={false} position="bottom-right" />
      </ReactFlow>
    </section>
  );
}

/** The id of the state or transition that has the focus. */
function idOf(target: EventTarget): string | undefined {
  if (!(target instanceof Element)) return undefined;
  const found = target.closest('.react-flow__node, .react-flow__edge');
  return found?.getAttribute('data-id') ?? undefined;
}

function nodeOf(state: GraphState, position: Point, props: ModelGraphProps): Node<StateData> {
  const { active, counts, marks, selected, onConnect } = props;
  const isActive = active === state.name;
  const count = counts?.[state.name];
  return {
    id: state.id,
    type: 'state',
    position,
    selected: selected === state.id,
    // Known beforehand: nothing has to be measured, and nothing flickers when something changes.
    measured: NODE,
    handles: HANDLES,
    ariaRole: 'button',
    data: {
      state,
      name: nameOfState(state, isActive, count, marks?.get(state.id)),
      isActive,
      count,
      mark: marks?.get(state.id),
      isConnectable: onConnect !== undefined,
    },
  };
}

function edgeOf(
  transition: GraphTransition,
  route: TransitionData['route'] | undefined,
  { marks, selected, fired }: ModelGraphProps,
): Edge<TransitionData> {
  const isSelected = selected === transition.id;
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
      ...markWords(marks?.get(transition.id)),
    ].join(', '),
    markerEnd: {
      type: MarkerType.ArrowClosed,
      width: 18,
      height: 18,
      color: isSelected ? 'var(--accent)' : 'var(--line-strong)',
    },
    data: {
      transition,
      route: route ?? { points: [], label: { x: 0, y: 0 } },
      mark: marks?.get(transition.id),
      fired: fired?.get(transition.id) ?? 0,
    },
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
