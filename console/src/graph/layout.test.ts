import fc from 'fast-check';
import { expect, test } from 'vitest';
import { layoutGraph, NODE, pathThrough, routeBetween } from './layout.ts';
import { type Graph, projectDefinition } from './project.ts';

const states = fc.integer({ min: 1, max: 20 }).chain((count) =>
  fc.record({
    count: fc.constant(count),
    links: fc.array(fc.tuple(fc.nat(count - 1), fc.nat(count - 1), fc.string({ maxLength: 30 })), {
      maxLength: 40,
    }),
  }),
);

function graphOf({ count, links }: { count: number; links: [number, number, string][] }): Graph {
  const named = Array.from({ length: count }, (_, place) => ({
    stateName: `S${place}`,
    onInput: {
      transitionEvents: links
        .filter(([from]) => from === place)
        .map(([, to, eventName]) => ({ eventName, condition: 'true', nextState: `S${to}` })),
    },
  }));
  return projectDefinition({ initialStateName: 'S0', states: named });
}

test.each(['LR', 'TB'] as const)('states never overlap, and every transition has a way: %s', (direction) => {
  fc.assert(
    fc.property(states, (given) => {
      const graph = graphOf(given);
      expect(graph.transitions).toHaveLength(given.links.length);
      const { positions, routes } = layoutGraph(graph, direction);
      const places = [...positions.values()];
      for (const [index, a] of places.entries()) {
        for (const b of places.slice(index + 1))
          expect(Math.abs(a.x - b.x) >= NODE.width || Math.abs(a.y - b.y) >= NODE.height).toBe(true);
      }
      for (const { id } of graph.transitions) {
        const route = routes.get(id);
        expect(route?.points.length).toBeGreaterThanOrEqual(2);
        expect(pathThrough(route?.points ?? [])).not.toContain('NaN');
      }
    }),
    { numRuns: 60 },
  );
});

test('a transition between states moved by hand begins and ends at their borders', () => {
  const { points } = routeBetween({ x: 0, y: 0 }, { x: 600, y: 0 }, 0);
  expect(points[0]?.x).toBeCloseTo(NODE.width, 0);
  expect(points.at(-1)?.x).toBeCloseTo(600, 0);
  const parallel = routeBetween({ x: 0, y: 0 }, { x: 600, y: 0 }, 1);
  expect(Math.abs(parallel.label.y - (points[1]?.y ?? 0))).toBeGreaterThan(20);
  expect(routeBetween({ x: 0, y: 0 }, { x: 0, y: 0 }, 0).points).toHaveLength(4);
});

test('a transition to a state that does not exist is no edge', () => {
  const onInput = { transitionEvents: [{ eventName: 'e', condition: 'true', nextState: 'None' }] };
  const graph = projectDefinition({ initialStateName: 'A', states: [{ stateName: 'A', onInput }] });
  expect(graph.transitions).toEqual([]);
  expect(graph.states[0]).toMatchObject({ isInitial: true, outgoing: 1 });
});
