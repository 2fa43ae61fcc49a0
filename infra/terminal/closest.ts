/** The one of `names` that `name` was probably meant to be; undefined where none is near. */
export function closest(name: string, names: readonly string[]): string | undefined {
  const near = names
    .map((other) => ({ other, changes: changesBetween(name, other), shared: sharedBeginning(name, other) }))
    .filter(({ changes, shared }) => isTypo(name, changes) || isBeginning(name, shared))
    // Of what only begins alike the one that does so for longest.
    .sort(
      (a, b) =>
        Number(isTypo(name, b.changes)) - Number(isTypo(name, a.changes)) ||
        (isTypo(name, a.changes) ? 0 : b.shared - a.shared) ||
        a.changes - b.changes,
    );
  return near[0]?.other;
}

/** ` (did you mean mobaro?)`, or nothing. */
export function proposalFor(name: string, allowed: readonly string[]): string {
  const near = closest(name, allowed);
  return near === undefined ? '' : ` (did you mean ${near}?)`;
}

/** A third of it may be wrong, and a short name is soon another one. */
function isTypo(name: string, changes: number): boolean {
  return changes <= Math.ceil(name.length / 3);
}

/** `salary` of `salaries`: another form of a word, or a part of a longer name. */
function isBeginning(name: string, shared: number): boolean {
  return shared >= 4 && shared >= (name.length * 2) / 3;
}

function sharedBeginning(a: string, b: string): number {
  let length = 0;
  while (length < a.length && a[length] === b[length]) length += 1;
  return length;
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
