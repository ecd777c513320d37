/**
 * Which of two versions is newer: above 0 the first, below 0 the second, 0 neither, or it cannot be told. What does not
 * begin with numbers, `v` aside, cannot be told.
 */
export function compareVersions(one: string, other: string): number {
  const [first, second] = [numbersOf(one), numbersOf(other)];
  if (first.length === 0 || second.length === 0) return 0;
  for (let index = 0; index < Math.max(first.length, second.length); index++) {
    const difference = (first[index] ?? 0) - (second[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** `v1.34.1+k3s1` gives 1, 34, 1. */
function numbersOf(version: string): number[] {
  const [, numbers] = /^v?(\d+(?:\.\d+)*)/.exec(version) ?? [];
  return numbers === undefined ? [] : numbers.split('.').map(Number);
}
