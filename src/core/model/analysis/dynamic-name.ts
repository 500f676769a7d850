import { FUNCTIONS, nameArgument, visit } from '../../expression/index.ts';
import { type Diagnostic, type Finding, within } from './finding.ts';

/** Matches texts that may call a function taking a name. Most do not, and need not be searched. */
const ASKS = /timeout|currentInput|triggerType/;

/** A computed timer or input name cannot be checked before the expression is evaluated. */
export const dynamicName: Diagnostic = ({ expressions }) =>
  expressions.flatMap((site) => {
    const { path, text, result } = site;
    const findings: Finding[] = [];
    if (!result.ok || !ASKS.test(text)) return findings;
    visit(result.node, (node) => {
      if (node.kind !== 'call' || !('bind' in FUNCTIONS[node.name]) || nameArgument(node) !== undefined)
        return;
      const [name] = node.args;
      const message =
        `The name that is passed to ${node.name}, ${text.slice(name?.start, name?.end)}, is evaluated at run time. ` +
        'It cannot be checked here.';
      const finding: Finding = { type: 'referenced-data', level: 'INFO', message, locations: [{ path }] };
      findings.push(within(site, finding, name));
    });
    return findings;
  });
