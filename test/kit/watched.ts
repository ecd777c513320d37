/**
 * The same value, telling which of its fields are looked at: `spec.ports[].name`. What is not an index of a list (its
 * length, its methods) is no field.
 */
export function lookingAt<T>(value: T, seen: (path: string) => void, path = ''): T {
  if (typeof value !== 'object' || value === null) return value;
  const step = (key: string | symbol): string | undefined => {
    if (typeof key === 'symbol') return undefined;
    if (Array.isArray(value)) return /^\d+$/.test(key) ? `${path}[]` : undefined;
    return path === '' ? key : `${path}.${key}`;
  };
  return new Proxy(value, {
    get(target, key) {
      const place = step(key);
      const held: unknown = Reflect.get(target, key);
      if (place === undefined) return held;
      seen(place);
      return lookingAt(held, seen, place);
    },
    has(target, key) {
      const place = step(key);
      if (place !== undefined) seen(place);
      return Reflect.has(target, key);
    },
  });
}
