import { utf8Length } from '../../expression/utf8.ts';
import { type Diagnostic, error, type Finding } from './finding.ts';

/** Limits on a definition (reference: analysis 4). Two of the service's messages end without a full stop. */
export const limits: Diagnostic = ({ definition, events, expressions }, { limits }) => {
  const findings: Finding[] = [];
  if (definition.states.length > limits.statesPerModel) {
    const message = `Number of states allowed in detector model definition exceeded the limit ${limits.statesPerModel}.`;
    findings.push({ type: 'service-limits', level: 'ERROR', message, locations: [] });
  }
  for (const [index, { onEnter, onInput, onExit }] of definition.states.entries()) {
    const path = `states[${index}]`;
    const count = [onEnter, onInput, onExit].reduce((sum, group) => sum + (group?.events?.length ?? 0), 0);
    if (count > limits.eventsPerState) {
      const message = `Number of events allowed per state exceeded the limit ${limits.eventsPerState} in detector model definition`;
      findings.push(error('service-limits', path, message));
    }
    if ((onInput?.transitionEvents?.length ?? 0) > limits.transitionEventsPerState) {
      const message = `Number of transition events allowed per state exceeded the limit ${limits.transitionEventsPerState} in detector model definition.`;
      findings.push(error('service-limits', path, message));
    }
  }
  for (const { path, event } of events) {
    if ((event.actions?.length ?? 0) <= limits.actionsPerEvent) continue;
    const message = `Number of actions allowed per event exceeded the limit ${limits.actionsPerEvent} in detector model definition`;
    findings.push(error('service-limits', path, message));
  }
  for (const { role, path, text, eventName, stateName } of expressions) {
    if (role !== 'contentExpression' || utf8Length(text) <= limits.payloadBytes) continue;
    const message = `Content Expression allowed in payload exceeded the limit ${limits.payloadBytes} bytes in event ${eventName} in state ${stateName}.`;
    findings.push(error('service-limits', path, message));
  }
  return findings;
};
