/** Values behind a revision, as the conditional writes of the real table keep them. Hands out copies only. */
export class RevisionedMap<Value extends { readonly revision: number }> {
  readonly #values = new Map<string, Value>();

  read(key: string): Value | undefined {
    return structuredClone(this.#values.get(key));
  }

  replace(key: string, next: Value): Value | undefined {
    const revision = this.#values.get(key)?.revision ?? 0;
    if (revision !== next.revision) return undefined;
    this.#values.set(key, structuredClone({ ...next, revision: revision + 1 }));
    return this.read(key);
  }
}
