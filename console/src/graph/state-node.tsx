import { Handle, type Node, type NodeProps, Position } from '@xyflow/react';
import { ArrowDownToLine, ArrowUpFromLine, Inbox, Play, TriangleAlert } from 'lucide-react';
import { stateColour } from '../components/badge.tsx';
import type { GraphState } from './project.ts';

export type StateData = {
  readonly state: GraphState;
  /** What screen readers say: all that can be seen, in words. */
  readonly name: string;
  readonly isActive: boolean;
  readonly count: number | undefined;
  readonly mark: 'ERROR' | 'WARNING' | undefined;
  readonly isConnectable: boolean;
};

/** A state: its name, how many detectors are in it, and how many events it has by lifecycle. */
export function StateNode({ data, selected }: NodeProps<Node<StateData>>) {
  const { state, name, isActive, count, mark, isConnectable } = data;
  const className = ['state-node', selected && 'selected', isActive && 'active', mark?.toLowerCase()]
    .filter((each) => each)
    .join(' ');
  return (
    <div className={className}>
      <Handle type="target" position={Position.Left} isConnectable={isConnectable} />
      <span className="hidden">{name}</span>
      <div className="state-name" aria-hidden="true">
        <span className="dot" style={{ background: stateColour(state.place) }} />
        <strong className="truncate" title={state.name}>
          {state.name}
        </strong>
        {mark !== undefined && <TriangleAlert aria-hidden="true" className={`mark ${mark.toLowerCase()}`} />}
        {count !== undefined && <span className="count number">{count.toLocaleString('en')}</span>}
      </div>
      <div className="state-events" aria-hidden="true">
        {state.isInitial && (
          <span title="Detectors start here">
            <Play aria-hidden="true" />
            Initial
          </span>
        )}
        {isActive && <span className="now">Active</span>}
        <Events icon={ArrowDownToLine} lifecycle="onEnter" count={state.onEnter} />
        <Events icon={Inbox} lifecycle="onInput" count={state.onInput} />
        <Events icon={ArrowUpFromLine} lifecycle="onExit" count={state.onExit} />
      </div>
      <Handle type="source" position={Position.Right} isConnectable={isConnectable} />
    </div>
  );
}

interface EventsProps {
  readonly icon: typeof Inbox;
  readonly lifecycle: string;
  readonly count: number;
}

function Events({ icon: Icon, lifecycle, count }: EventsProps) {
  if (count === 0) return null;
  return (
    <span title={`${count} ${lifecycle} event${count === 1 ? '' : 's'}`}>
      <Icon aria-hidden="true" />
      {count}
    </span>
  );
}
