/** Compares two JSON values, ignoring the order of an object's members. */
export function isSame(one: unknown, other: unknown): boolean {
  if (Object.is(one, other)) return true;
  if (typeof one !== 'object' || typeof other !== 'object' || one === null || other === null) return false;
  if (Array.isArray(one) !== Array.isArray(other)) return false;
  const left = new Map(Object.entries(one));
  const right = Object.entries(other);
  return (
    left.size === right.length &&
    right.every(([name, value]) => left.has(name) && isSame(left.get(name), value))
  );
}
