import { made, unresolvedIn } from '../compose.ts';
import { memberOf, type Node, type Place, textOf } from '../node.ts';

export interface Parameter {
  /** Absent if the parameter has no value. */
  readonly value?: Node;
  /** A value that the template does not allow. */
  readonly refused?: { readonly text: string; readonly allowed: readonly string[]; readonly place: Place };
}

/** Returns the given value or the default, converted to the parameter's type. */
export function readParameter(declaration: Node, given: Node | undefined): Parameter {
  const type = textOf(memberOf(declaration, 'Type')) ?? 'String';
  // The default of such a parameter is a key, whose value only AWS knows.
  const isStored = /^AWS::.*Parameter::Value</.test(type);
  const value = given ?? (isStored ? undefined : memberOf(declaration, 'Default'));
  if (value === undefined || (value.kind === 'scalar' && value.type === 'null')) return {};
  const allowed = memberOf(declaration, 'AllowedValues');
  const texts = allowed?.kind === 'list' ? allowed.items.map((each) => textOf(each) ?? '') : undefined;
  const typed = /List/.test(type) && value.kind === 'scalar' ? listOf(value.text, value.place) : value;
  const items = typed.kind === 'list' ? typed.items : [typed];
  const wrong = items.find(
    (item) => unresolvedIn(item).length === 0 && texts?.includes(textOf(item) ?? '') === false,
  );
  if (wrong === undefined || texts === undefined) return { value: typed };
  return { value: typed, refused: { text: textOf(wrong) ?? '', allowed: texts, place: value.place } };
}

function listOf(text: string, place: Place): Node {
  const items = text === '' ? [] : text.split(',').map((item) => made(item.trim(), place));
  return { kind: 'list', items, place };
}
