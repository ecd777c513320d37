/**
 * A number of 53 bits for a stretch of text. Two different texts of one file share one in some 10¹⁰ files, and nobody gains
 * by making them do so: whoever writes the file decides what is in it.
 *
 * Taken between two offsets, for a slice of a large text is slower to walk through than the text.
 */
export function fingerprint(text: string, start: number, end: number): number {
  let one = 0x811c9dc5;
  let other = end - start;
  let index = start;
  // Two characters at a time: it is the multiplications that take the time.
  for (; index + 1 < end; index += 2) {
    const pair = text.charCodeAt(index) | (text.charCodeAt(index + 1) << 16);
    one = Math.imul(one ^ pair, 0x9e3779b1) ^ (one >>> 13);
    other = Math.imul(other + pair, 0x85ebca6b) ^ (other >>> 15);
  }
  if (index < end) {
    const last = text.charCodeAt(index);
    one = Math.imul(one ^ last, 0x9e3779b1) ^ (one >>> 13);
    other = Math.imul(other + last, 0x85ebca6b) ^ (other >>> 15);
  }
  return (spread(one) >>> 0) * 0x200000 + (spread(other) >>> 11);
}

/** Makes every bit depend on all of them. */
function spread(bits: number): number {
  const half = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  return Math.imul(half ^ (half >>> 13), 0xc2b2ae35) ^ (half >>> 16);
}
