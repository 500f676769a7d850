import { KNOWN_ACTIONS } from './actions.ts';

/** The question to a policy: an action such as `iotevents:CreateInput`, and the ARN of its resource, or `*`. */
export interface AccessRequest {
  readonly action: string;
  readonly resource: string;
}

/** A validated policy document, as returned by `readPolicy`. */
export type Policy = readonly Statement[];

interface Statement {
  readonly effect: 'Allow' | 'Deny';
  readonly action: Matcher;
  readonly resource: Matcher;
}

type Matcher = (text: string) => boolean;

const VERSIONS = ['2012-10-17', '2008-10-17'];
const MEMBERS = ['Sid', 'Effect', 'Action', 'NotAction', 'Resource', 'NotResource'];

/**
 * Parses an IAM policy document: Allow and Deny, Action or NotAction, Resource or NotResource, with `*` and `?`. Throws
 * an Error that says what is wrong; a Condition is refused rather than ignored.
 */
export function readPolicy(document: unknown): Policy {
  const { Version, Statement, Id: _, ...others } = object(document, 'The policy');
  refuseOthers(others, 'The policy', ['Version', 'Id', 'Statement']);
  if (Version !== undefined && !VERSIONS.includes(Version as string))
    throw new Error(`The policy's Version must be one of ${VERSIONS.join(', ')}`);
  if (Statement === undefined) throw new Error('The policy has no Statement');
  return (Array.isArray(Statement) ? Statement : [Statement]).map(readStatement);
}

/** Whether the policy allows the request: at least one statement allows it, and none denies it. */
export function allows(policy: Policy, { action, resource }: AccessRequest): boolean {
  const fitting = policy.filter((statement) => statement.action(action) && statement.resource(resource));
  return fitting.length > 0 && fitting.every(({ effect }) => effect === 'Allow');
}

/** Whether the policy allows an action for at least one resource: what an interface may offer. */
export function mayAllow(policy: Policy, action: string): boolean {
  const fitting = policy.filter((statement) => statement.action(action));
  const denied = fitting.some(({ effect, resource }) => effect === 'Deny' && resource('*'));
  return !denied && fitting.some(({ effect }) => effect === 'Allow');
}

/** Whether the policy allows this action and no other of this server. */
export function allowsOnly(policy: Policy, action: string): boolean {
  return KNOWN_ACTIONS.every((known) => mayAllow(policy, known) === (known === action));
}

function readStatement(given: unknown, index: number): Statement {
  const name = `Statement ${index + 1} of the policy`;
  const statement = object(given, name);
  if (statement.Condition !== undefined)
    throw new Error(
      `${name} has a Condition, which is not supported; it would have to be left out of account`,
    );
  const { Effect, Sid: _, ...rest } = statement;
  const others = Object.fromEntries(Object.entries(rest).filter(([member]) => !MEMBERS.includes(member)));
  refuseOthers(others, name, MEMBERS);
  if (Effect !== 'Allow' && Effect !== 'Deny') throw new Error(`${name} must have the Effect Allow or Deny`);
  return {
    effect: Effect,
    // Action names are case-insensitive, ARNs are not.
    action: knownOnly(
      oneOf(statement, name, 'Action', (text) => text.toLowerCase()),
      statement,
      name,
    ),
    resource: oneOf(statement, name, 'Resource', (text) => text),
  };
}

/** A misspelt action would allow nothing or, worse, deny nothing. Throws an Error that names it. */
function knownOnly(matcher: Matcher, { Action, NotAction }: Record<string, unknown>, name: string): Matcher {
  for (const pattern of texts(Action ?? NotAction, name)) {
    const folded = pattern.toLowerCase();
    if (!KNOWN_ACTIONS.some((action) => fits(folded, action.toLowerCase())))
      throw new Error(`${name} has the action ${pattern}, which this server does not have`);
  }
  return matcher;
}

/** The matcher of a member or of its `Not…` form; exactly one of them must be present. */
function oneOf(
  statement: Record<string, unknown>,
  name: string,
  member: string,
  fold: (text: string) => string,
): Matcher {
  const positive = statement[member];
  const negative = statement[`Not${member}`];
  if ((positive === undefined) === (negative === undefined))
    throw new Error(`${name} must have either ${member} or Not${member}`);
  const patterns = texts(positive ?? negative, `The ${member} of ${name}`).map(fold);
  const matches: Matcher = (text) => patterns.some((pattern) => fits(pattern, fold(text)));
  return positive === undefined ? (text) => !matches(text) : matches;
}

/**
 * Whether a text matches a pattern in which `*` stands for any text and `?` for any character. Backtracks to the last
 * star only, so that the time is bounded by the product of both lengths.
 */
function fits(pattern: string, text: string): boolean {
  let at = 0;
  let star = -1;
  let retry = 0;
  let place = 0;
  while (place < text.length) {
    if (pattern[at] === '*') {
      star = at++;
      retry = place;
    } else if (at < pattern.length && (pattern[at] === '?' || pattern[at] === text[place])) {
      at++;
      place++;
    } else if (star >= 0) {
      at = star + 1;
      place = ++retry;
    } else return false;
  }
  while (pattern[at] === '*') at++;
  return at === pattern.length;
}

function texts(given: unknown, name: string): string[] {
  const list: unknown[] = Array.isArray(given) ? given : [given];
  if (list.length > 0 && list.every((each) => typeof each === 'string')) return list;
  throw new Error(`${name} must be a string or a list of strings`);
}

function object(given: unknown, name: string): Record<string, unknown> {
  if (typeof given === 'object' && given !== null && !Array.isArray(given)) return { ...given };
  throw new Error(`${name} must be an object`);
}

function refuseOthers(others: object, name: string, known: readonly string[]): void {
  const [other] = Object.keys(others);
  if (other !== undefined) throw new Error(`${name} has ${other}, which is not one of ${known.join(', ')}`);
}
