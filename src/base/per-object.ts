/**
 * A function that works its result out once for each object. For values that never change, of which most are the same
 * the next time: what came from an informer stays the same object until the API server says something new of it.
 */
export function perObject<Key extends object, Value>(make: (key: Key) => Value): (key: Key) => Value {
  const known = new WeakMap<Key, Value>();
  return key => {
    const found = known.get(key);
    if (found !== undefined || known.has(key)) return found as Value;
    const value = make(key);
    known.set(key, value);
    return value;
  };
}
