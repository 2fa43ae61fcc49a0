/** The one of `names` that `name` was probably meant to be; undefined where none is near. */
export function closest(name: string, names: readonly string[]): string | undefined {
  const near = names
    .map((other) => ({ other, changes: changesBetween(name, other) }))
    // A third of it may be wrong, and a short name is soon another one.
    .filter(({ changes }) => changes <= Math.ceil(name.length / 3))
    .sort((a, b) => a.changes - b.changes);
  return near[0]?.other;
}

/** How many characters have to be put in, left out or replaced (Levenshtein). */
function changesBetween(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (const [index, character] of Array.from(a).entries()) {
    const next = [index + 1];
    for (const [at, other] of Array.from(b).entries()) {
      const replaced = (row[at] ?? 0) + (character === other ? 0 : 1);
      next.push(Math.min(replaced, (row[at + 1] ?? 0) + 1, (next[at] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
