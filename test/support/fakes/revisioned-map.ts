/** Values behind a revision, as the conditional writes of the real table keep them. Nobody can change one afterwards. */
export class RevisionedMap<Value extends { readonly revision: number }> {
  readonly #values = new Map<string, Value>();

  read(key: string): Value | undefined {
    return this.#values.get(key);
  }

  replace(key: string, next: Value): Value | undefined {
    const revision = this.#values.get(key)?.revision ?? 0;
    if (revision !== next.revision) return undefined;
    const stored = frozen({ ...next, revision: revision + 1 });
    this.#values.set(key, stored);
    return stored;
  }
}

/** What has been frozen here, down to its leaves: the next value mostly has the same parts. */
const knownFrozen = new WeakSet<object>();

/** A copy down to its leaves, and none of it can be changed. */
function frozen<Value>(value: Value): Value {
  if (typeof value !== 'object' || value === null || knownFrozen.has(value)) return value;
  const copy = Array.isArray(value)
    ? value.map(frozen)
    : Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, frozen(inner)]));
  knownFrozen.add(Object.freeze(copy));
  return copy as Value;
}
