/** Whether one word becomes the other by one letter more, less or another, or by two that change places. */
export function isSlip(one: string, other: string): boolean {
  const shorter = Math.min(one.length, other.length);
  let start = 0;
  while (start < shorter && one[start] === other[start]) start++;
  let end = 0;
  while (end < shorter - start && one.at(-1 - end) === other.at(-1 - end)) end++;
  const [left, right] = [one, other].map(word => word.slice(start, word.length - end)) as [string, string];
  const [first = '', second = '', ...more] = left;
  return (left.length <= 1 && right.length <= 1) || (more.length === 0 && right === second + first);
}
