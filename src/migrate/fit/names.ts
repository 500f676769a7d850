/**
 * Normalises the spelling of a member's name across formats: `DynamoDBv2`, `dynamo_d_bv_2` and `dynamoDBv2` become
 * equal.
 */
export function comparable(name: string): string {
  return name.replaceAll('_', '').toLowerCase();
}

const byMembers = new WeakMap<object, ReadonlyMap<string, string>>();

/** The API's spelling of a member's name; undefined if the API has no such member. */
export function apiName(members: Readonly<Record<string, unknown>>, name: string): string | undefined {
  let names = byMembers.get(members);
  if (names === undefined) {
    names = new Map(Object.keys(members).map((each) => [comparable(each), each]));
    byMembers.set(members, names);
  }
  return names.get(comparable(name));
}

/** The API's spelling of an unknown name: initial letter in lower case, no underscores. */
export function camelCase(name: string): string {
  const joined = name.replace(/_+([a-zA-Z0-9])/g, (_, letter: string) => letter.toUpperCase());
  return joined.charAt(0).toLowerCase() + joined.slice(1);
}
