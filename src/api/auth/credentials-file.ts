import { type Node, parseTree } from 'jsonc-parser';
import { type Policy, readPolicy } from './policy.ts';

/** An access key, restricted by its policy if it has one. */
export interface AccessKey {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** The name in errors: the profile, or the access key id. */
  readonly name: string;
  readonly policy?: Policy;
}

export type AccessKeys = ReadonlyMap<string, AccessKey>;

/**
 * Parses a credentials file: JSON `{"credentials":[{"accessKeyId","secretAccessKey","policy"?}]}`, or an AWS shared
 * credentials file with a key in each profile. Throws an Error that says what is wrong, without secrets.
 */
export function readCredentials(content: string): AccessKeys {
  const list = /^\s*\{/.test(content) ? readJson(content) : readProfiles(content);
  if (list.length === 0) throw new Error('It contains no access key');
  const keys = new Map<string, AccessKey>();
  for (const key of list) {
    if (keys.has(key.accessKeyId)) throw new Error(`It contains the access key ${key.accessKeyId} twice`);
    keys.set(key.accessKeyId, key);
  }
  return keys;
}

function readJson(content: string): AccessKey[] {
  let parsed: unknown;
  try {
    parsed = JSON.parse(content);
  } catch {
    // The parser's own message quotes the text, which may be a secret.
    throw new Error('It begins like JSON but is not valid JSON');
  }
  refuseDoubles(parseTree(content));
  const { credentials, ...others } = parsed as Record<string, unknown>;
  refuseOthers(others, 'It', ['credentials']);
  if (!Array.isArray(credentials)) throw new Error('Its member credentials must be a list');
  return credentials.map((entry: unknown, index) => {
    const where = `Entry ${index + 1} of its credentials`;
    if (typeof entry !== 'object' || entry === null) throw new Error(`${where} must be an object`);
    const { accessKeyId, secretAccessKey, policy, ...rest } = entry as Record<string, unknown>;
    refuseOthers(rest, where, ['accessKeyId', 'secretAccessKey', 'policy']);
    const id = text(accessKeyId, where, 'accessKeyId');
    const key = {
      accessKeyId: id,
      name: id,
      secretAccessKey: text(secretAccessKey, where, 'secretAccessKey'),
    };
    return policy === undefined ? key : { ...key, policy: policyOf(policy, where) };
  });
}

/** Only the last of duplicate members would count, which may not be the intended one. */
function refuseDoubles(node: Node | undefined): void {
  const seen = new Set<string>();
  for (const child of node?.children ?? []) {
    if (node?.type === 'object') {
      const name = String(child.children?.[0]?.value);
      if (seen.has(name)) throw new Error(`It has the member ${name} twice in one object`);
      seen.add(name);
    }
    refuseDoubles(child);
  }
}

function policyOf(document: unknown, where: string): Policy {
  try {
    return readPolicy(document);
  } catch (error) {
    throw new Error(`${where}: ${(error as Error).message}`);
  }
}

/** The name in `[name]`, with or without a trailing comment. */
function sectionOf(line: string): string | undefined {
  const close = line.indexOf(']');
  if (!line.startsWith('[') || close < 0) return undefined;
  const behind = line.slice(close + 1);
  if (behind !== '' && !/^\s+[#;]/.test(behind)) return undefined;
  const name = line.slice(1, close).trim();
  return name === '' ? undefined : name;
}

/** `[profile]` sections with `name = value` lines; `#` and `;` start comments. */
function readProfiles(content: string): AccessKey[] {
  const profiles: { name: string; members: Map<string, string> }[] = [];
  for (const [index, line] of content.split(/\r?\n/).entries()) {
    const trimmed = line.trim();
    if (trimmed === '' || /^[#;]/.test(trimmed)) continue;
    const section = sectionOf(trimmed);
    if (section !== undefined) {
      profiles.push({ name: section, members: new Map() });
      continue;
    }
    const equals = trimmed.indexOf('=');
    const profile = profiles.at(-1);
    if (equals < 1 || profile === undefined)
      throw new Error(`Line ${index + 1} is neither [profile] nor name = value`);
    profile.members.set(trimmed.slice(0, equals).trim(), trimmed.slice(equals + 1).trim());
  }
  return profiles.map(({ name, members }) => {
    const where = `The profile ${name}`;
    if (members.has('aws_session_token'))
      throw new Error(`${where} has a session token; only long-term keys are allowed`);
    return {
      name,
      accessKeyId: text(members.get('aws_access_key_id'), where, 'aws_access_key_id'),
      secretAccessKey: text(members.get('aws_secret_access_key'), where, 'aws_secret_access_key'),
    };
  });
}

function text(given: unknown, where: string, member: string): string {
  if (typeof given === 'string' && given !== '') return given;
  throw new Error(`${where} has no ${member}`);
}

function refuseOthers(others: object, where: string, known: readonly string[]): void {
  const [other] = Object.keys(others);
  if (other !== undefined) throw new Error(`${where} has ${other}, which is not one of ${known.join(', ')}`);
}
