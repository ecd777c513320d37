/**
 * Whether two values of plain data (primitives, arrays, plain objects) say the same. Shared parts compare by identity
 * at once, which makes comparing two merges of a service as cheap as what changed between them.
 */
export function sameData(one: unknown, other: unknown): boolean {
  if (Object.is(one, other)) return true;
  if (typeof one !== 'object' || typeof other !== 'object' || one === null || other === null) return false;
  if (Array.isArray(one) || Array.isArray(other)) {
    if (!Array.isArray(one) || !Array.isArray(other) || one.length !== other.length) return false;
    return one.every((item, index) => sameData(item, other[index]));
  }
  const keys = Object.keys(one);
  if (keys.length !== Object.keys(other).length) return false;
  return keys.every(
    key => Object.hasOwn(other, key) && sameData(Reflect.get(one, key), Reflect.get(other, key)),
  );
}
