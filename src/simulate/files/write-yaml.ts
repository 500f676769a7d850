import { Document, isMap, isPair, isScalar, isSeq, type Node, Scalar, visit, YAMLMap, YAMLSeq } from 'yaml';
import { isArray } from '../../core/expression/json.ts';
import { type Json, renderText, WholeDecimal } from '../../core/expression/value.ts';
import { isObject } from '../payload.ts';

/** Lists and objects up to this width are written on one line. */
const WIDTH = 110;

/** Writes YAML that parses to the same value: 10.0 stays a Decimal. Short parts are written on one line. */
export function writeYaml(value: Json, comment?: string): string {
  const document = new Document();
  document.contents = nodeOf(value);
  if (comment !== undefined) document.commentBefore = comment;
  visit(document, {
    Collection: (_key, node, path) => {
      if (!isStep(path) && isShort(node)) node.flow = true;
      return node.flow ? visit.SKIP : undefined;
    },
  });
  return document.toString({ lineWidth: 0, flowCollectionPadding: false });
}

function nodeOf(value: Json): Node {
  if (isArray(value)) {
    const list = new YAMLSeq<Node>();
    list.items = value.map(nodeOf);
    return list;
  }
  if (isObject(value)) {
    const map = new YAMLMap<Node, Node>();
    for (const [name, member] of Object.entries(value))
      map.add({ key: new Scalar(name), value: nodeOf(member) });
    return map;
  }
  return value instanceof WholeDecimal ? wholeDecimal(value) : new Scalar(value);
}

function wholeDecimal(value: WholeDecimal): Scalar {
  const scalar = new Scalar(value.value);
  const text = renderText(value);
  if (text.includes('e')) scalar.format = 'EXP';
  scalar.minFractionDigits = 1;
  return scalar;
}

/** Each step of a scenario is a line of its own. */
function isStep(path: readonly unknown[]): boolean {
  const pair = path.at(-2);
  return isSeq(path.at(-1)) && isPair(pair) && isScalar(pair.key) && pair.key.value === 'steps';
}

/** Whether a part fits on one line. */
function isShort(node: Node): boolean {
  if (!isMap(node) && !isSeq(node)) return false;
  return JSON.stringify(node).length <= WIDTH;
}
