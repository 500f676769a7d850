import type { Diagnostic, Finding } from './finding.ts';

/** State names are unique. */
export const sharedStateName: Diagnostic = ({ definition }) => {
  const places = new Map<string, number[]>();
  for (const [index, { stateName }] of definition.states.entries()) {
    places.set(stateName, [...(places.get(stateName) ?? []), index]);
  }
  return [...places]
    .filter(([, indexes]) => indexes.length > 1)
    .map(
      ([stateName, indexes]): Finding => ({
        type: 'structure',
        level: 'ERROR',
        message:
          'The DetectorModelDefinition had a shared state name: found state ' +
          `${stateName} with ${indexes.length} repetitions.`,
        locations: indexes.map((index) => ({ path: `states[${index}]` })),
      }),
    );
};
