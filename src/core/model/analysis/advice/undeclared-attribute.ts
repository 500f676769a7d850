import { nearest, type Reference, visit } from '../../../expression/index.ts';
import { advice, type Diagnostic, type Finding, within } from '../finding.ts';
import { inputsOf } from '../subject.ts';

/**
 * The service dropped attributes that an input does not declare. Tripline keeps them, so such a model is not portable.
 */
export const undeclaredAttribute: Diagnostic = (subject, context) => [
  ...read(subject, context),
  ...asKey(subject, context),
];

/** Attributes that expressions read. */
const read: Diagnostic = ({ expressions }, { attributesOf }) => {
  const told = new Set<string>();
  return expressions.flatMap((site) => {
    const { path, result } = site;
    const found: Extract<Reference, { kind: 'input' }>[] = [];
    if (result.ok) visit(result.node, (node) => void (node.kind === 'input' && found.push(node)));
    return found.flatMap((node) => {
      const { name, path: steps } = node;
      const declared = attributesOf?.(name);
      const attribute = steps.filter((step) => typeof step === 'string').join('.');
      const key = `${name}.${attribute}`;
      if (declared === undefined || told.has(key) || declared.some((each) => covers(each, attribute)))
        return [];
      told.add(key);
      const near = nearest(attribute, declared);
      const hint = near === undefined ? '' : ` Did you mean ${near}?`;
      const finding = advice('WARNING', path, `Input ${name} declares no attribute ${attribute}.${hint}`);
      return [within(site, finding, node)];
    });
  });
};

/** Every input must have the key; whether it must also declare it is contradictory (questions Q-KEY-DECLARED). */
const asKey: Diagnostic = (subject, { key, attributesOf }) =>
  [...inputsOf(subject)].flatMap((name): Finding[] => {
    const declared = attributesOf?.(name);
    if (key === undefined || declared === undefined) return [];
    if (declared.some((each) => covers(each, key.replaceAll('`', '')))) return [];
    const message = `Input ${name} declares no attribute ${key}, the key of the model.`;
    return [{ type: 'advice', level: 'WARNING', message, locations: [] }];
  });

/** A declared object covers its members, and a declared member covers the object around it. */
function covers(declared: string, attribute: string): boolean {
  const plain = declared.replaceAll('`', '').replaceAll(/\[\d+\]/g, '');
  return plain === attribute || attribute.startsWith(`${plain}.`) || plain.startsWith(`${attribute}.`);
}
