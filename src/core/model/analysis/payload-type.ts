import { type Environment, inferTypes, type Node, visit } from '../../expression/index.ts';
import type { ExpressionSite } from './expression-site.ts';
import { type Diagnostic, type Finding, warning, within } from './finding.ts';
import type { TypedSite } from './model-types.ts';

/** A JSON payload evaluates to a string, and substitutions outside its quotes are Integers or Booleans. */
export const payloadType: Diagnostic = ({ types }) => {
  // The actions of the model say what a variable holds, but nothing says what a message will bring.
  const known: Environment = (reference) =>
    reference.kind === 'variable' ? types.variables.get(reference.name) : undefined;
  return types.sites.flatMap((typed) => {
    if (typed.site.role !== 'contentExpression' || !isJsonPayload(typed.site)) return [];
    return [...notString(typed), ...substitutions(typed, known)];
  });
};

/** Whether the content expression belongs to an action with a JSON payload. */
export function isJsonPayload({ actionDefinition = {} }: ExpressionSite): boolean {
  return Object.values(actionDefinition).some(
    (parameters) => 'payload' in parameters && parameters.payload?.type === 'JSON',
  );
}

/** json-payload reports what the expression alone shows; this covers what follows only from the rest of the model. */
function notString({ site, inference, own }: TypedSite): Finding[] {
  if (inference.types.includes('String') || !own.types.includes('String')) return [];
  const message =
    `The payload expression [${site.text}] isn't valid. Specify an expression that would evaluate to a string at ` +
    'runtime because the payload type is JSON format.';
  return [within(site, warning('data-type', [site.path], message))];
}

/** Substitutions outside quotes must be valid JSON by themselves. */
function substitutions({ site }: TypedSite, known: Environment): Finding[] {
  const { result, text, path } = site;
  const findings: Finding[] = [];
  if (!result.ok) return findings;
  visit(result.node, (node) => {
    for (const part of unquoted(node)) {
      const { types } = inferTypes(part, known);
      if (types.every((type) => type === 'Integer' || type === 'Boolean')) continue;
      const message =
        `Your interpolated expression {${text.slice(part.start, part.end)}} must evaluate to either an integer or a ` +
        `Boolean value at runtime. Otherwise, your payload expression {${text}} won't be parseable at runtime as valid JSON.`;
      findings.push(within(site, warning('data-type', [path], message), part));
    }
  });
  return findings;
}

/** The substitutions of a template that are outside JSON's double quotes. */
function unquoted(node: Node): Node[] {
  if (node.kind !== 'template') return [];
  let inQuotes = false;
  const found: Node[] = [];
  for (const part of node.parts) {
    if (typeof part === 'string') for (const _quote of part.match(/(?<!\\)"/g) ?? []) inQuotes = !inQuotes;
    else if (!inQuotes) found.push(part);
  }
  return found;
}
