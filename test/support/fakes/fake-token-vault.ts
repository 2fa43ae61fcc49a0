import type { HeldTokens, Tokens, TokenVault } from '../../../lib/sync/ports.ts';

const generated = 'version-generated';

/** Versions and their labels, as Secrets Manager keeps them. */
export class FakeTokenVault implements TokenVault {
  readonly #versions = new Map<string, Tokens | null>([[generated, null]]);
  readonly #labels: { current: string; previous?: string; stored?: string } = { current: generated };

  /** All that were ever stored. */
  get versions(): readonly string[] {
    return [...this.#versions.keys()].filter((version) => version !== generated);
  }

  async current(): Promise<HeldTokens> {
    return this.#held(this.#labels.current);
  }

  async previous(): Promise<HeldTokens | null> {
    return this.#labels.previous === undefined ? null : this.#held(this.#labels.previous);
  }

  async stored(): Promise<HeldTokens | null> {
    return this.#labels.stored === undefined ? null : this.#held(this.#labels.stored);
  }

  async read(version: string): Promise<Tokens | null> {
    return this.#versions.get(version) ?? null;
  }

  async store(version: string, tokens: Tokens): Promise<void> {
    this.#versions.set(version, tokens);
    this.#labels.stored = version;
  }

  async makeCurrent(version: string, instead: string): Promise<boolean> {
    const { current } = this.#labels;
    if (current !== instead) return current === version;
    if (!this.#versions.has(version)) throw new Error(`There is no version ${version}`);
    Object.assign(this.#labels, { current: version, previous: current });
    return true;
  }

  #held(version: string): HeldTokens {
    return { version, tokens: this.#versions.get(version) ?? null };
  }
}
