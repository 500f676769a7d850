import { isAlias, isMap, isSeq, type ParsedNode, parseAllDocuments, type Scalar } from 'yaml';
import { type Member, type Node, objectNode, type Place, type Source } from '../node.ts';
import { type ReadResult, TOO_DEEP } from './result.ts';

/** The maximum number of values after expanding aliases: a kilobyte of text can stand for billions. */
const MOST_NODES = 500_000;

/**
 * Reads YAML. Expands the short forms of CloudFormation's functions: `!Ref x` becomes `{"Ref": "x"}`. Returns one node
 * per document of a stream.
 */
export function readYaml(source: Source): ReadResult {
  try {
    const documents = parseAllDocuments(source.text, { uniqueKeys: false, merge: true, logLevel: 'silent' });
    const nodes: Node[] = [];
    // An empty text is not a document.
    for (const document of Array.isArray(documents) ? documents : []) {
      const [error] = document.errors;
      if (error !== undefined) {
        const [start, end] = error.pos;
        const message = `not YAML: ${error.message.split(' at line ')[0]?.replace(/\.$/, '')}`;
        return { ok: false, message, place: { source, start, end } };
      }
      if (document.contents !== null) nodes.push(new Conversion(source).node(document.contents));
    }
    return { ok: true, nodes };
  } catch (error) {
    const place = { source, start: 0, end: 0 };
    if (error instanceof RangeError) return { ok: false, ...TOO_DEEP, place };
    if (error instanceof TooManyAliases)
      return { ok: false, message: 'its aliases expand to too many values', place };
    throw error;
  }
}

class TooManyAliases extends Error {}

class Conversion {
  readonly #source: Source;
  /** The last node of each anchor so far, which an alias refers to. */
  readonly #anchors = new Map<string, ParsedNode>();
  #count = 0;

  constructor(source: Source) {
    this.#source = source;
  }

  node(node: ParsedNode | null, fallback = 0): Node {
    if (++this.#count > MOST_NODES) throw new TooManyAliases();
    const [start, end] = node?.range ?? [fallback, fallback];
    const place = { source: this.#source, start, end };
    if (node === null) return { kind: 'scalar', type: 'null', text: '', place };
    if (!isAlias(node) && node.anchor !== undefined) this.#anchors.set(node.anchor, node);
    const plain = this.#untagged(node, place);
    const tag = isAlias(node) ? undefined : node.tag;
    return tag?.startsWith('!') && tag !== '!' ? written(tag.slice(1), plain, place) : plain;
  }

  #untagged(node: ParsedNode, place: Place): Node {
    if (isAlias(node)) {
      return this.node(this.#anchors.get(node.source) ?? null, place.start);
    }
    if (isSeq(node)) {
      const items = node.items.map((item) => this.node(item as ParsedNode, place.start));
      return { kind: 'list', items, place };
    }
    if (isMap(node)) {
      const given = node.items.map((pair) => this.#member(pair, place));
      // A merge key adds the members of one or more objects. Own members take precedence, then those of earlier
      // objects.
      const merged = given.flatMap(({ name, value }) => (name === '<<' ? mergedMembers(value) : []));
      return objectNode([...merged, ...given.filter(({ name }) => name !== '<<')], place);
    }
    return scalar(node as Scalar.Parsed, place);
  }

  #member({ key, value }: { readonly key: unknown; readonly value: unknown }, { start }: Place): Member {
    const name = this.node(key as ParsedNode | null, start);
    return {
      name: name.kind === 'scalar' ? name.text : '',
      value: this.node(value as ParsedNode | null, name.place.end),
    };
  }
}

function mergedMembers(node: Node): readonly Member[] {
  const sources = node.kind === 'list' ? node.items.toReversed() : [node];
  return sources.flatMap((each) => (each.kind === 'object' ? each.members : []));
}

function scalar(node: Scalar.Parsed, place: Place): Node {
  const { value, source = '' } = node;
  const isPlain = node.type === 'PLAIN';
  if (isPlain && value === null) return { kind: 'scalar', type: 'null', text: source, place };
  if (isPlain && typeof value === 'number') return { kind: 'scalar', type: 'number', text: source, place };
  if (isPlain && typeof value === 'boolean') return { kind: 'scalar', type: 'boolean', text: source, place };
  return { kind: 'scalar', type: 'string', text: typeof value === 'string' ? value : source, place };
}

/** Expands the short form of a function. */
function written(tag: string, value: Node, place: Place): Node {
  const name = tag === 'Ref' || tag === 'Condition' ? tag : `Fn::${tag}`;
  return objectNode([{ name, value }], place);
}
