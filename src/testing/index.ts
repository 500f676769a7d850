/**
 * `tripline/testing`: scenarios and simulations in the test runner of your choice.
 *
 *     import { scenarios, createSimulation } from 'tripline/testing';
 *     for (const scenario of await scenarios('pump.scenario.yaml')) test(scenario.name, () => scenario.run());
 */

export { type RunnableScenario, scenarios } from './scenarios.ts';
export {
  createSimulation,
  type DetectorView,
  type RunRecord,
  Simulation,
  type SimulationOptions,
} from './simulation.ts';
