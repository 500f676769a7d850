import { BaseEdge, type Edge, EdgeLabelRenderer, type EdgeProps } from '@xyflow/react';
import { labelWidth, pathThrough, type Route } from './layout.ts';
import type { GraphTransition } from './project.ts';

export type TransitionData = {
  readonly transition: GraphTransition;
  readonly route: Route;
  readonly mark: 'ERROR' | 'WARNING' | undefined;
  /** How often it was seen to happen. */
  readonly fired: number;
};

/** A transition: a line with the event's name on it, which lights up each time it happens. */
export function TransitionEdge({ id, data, selected, markerEnd }: EdgeProps<Edge<TransitionData>>) {
  if (data === undefined) return null;
  const { transition, route, mark, fired } = data;
  const path = pathThrough(route.points);
  const { x, y } = route.label;
  const className = ['transition-label', selected && 'selected', mark?.toLowerCase()]
    .filter((each) => each)
    .join(' ');
  return (
    <>
      <BaseEdge id={id} path={path} interactionWidth={24} {...(markerEnd !== undefined && { markerEnd })} />
      {fired > 0 && <path key={fired} d={path} className="transition-pulse" pathLength={1} />}
      <EdgeLabelRenderer>
        <div
          key={`${id} ${fired}`}
          aria-hidden="true"
          className={fired > 0 ? `${className} fired` : className}
          title={transition.condition}
          style={{
            transform: `translate(-50%, -50%) translate(${x}px, ${y}px)`,
            maxWidth: labelWidth(transition.eventName),
          }}
        >
          {transition.eventName || 'Untitled'}
        </div>
      </EdgeLabelRenderer>
    </>
  );
}
