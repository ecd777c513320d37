/**
 * What is in a list and was not in the one before. Where the same stands at the same place it is not looked for: of
 * thousands one changes at a time.
 */
export function newIn<Item extends object>(list: readonly Item[], before: readonly Item[]): Item[] {
  const moved = list.filter((item, index) => item !== before[index]);
  const gone = new Set(before.filter((item, index) => item !== list[index]));
  return moved.filter(item => !gone.has(item));
}
