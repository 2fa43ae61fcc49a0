import type { TokenStates } from '../../../lib/sync/ports.ts';
import { newTokenState, type TokenState } from '../../../lib/sync/token.ts';
import { RevisionedMap } from './revisioned-map.ts';

export class FakeTokenStates implements TokenStates {
  readonly #items = new RevisionedMap<TokenState>();

  async read(connection: string): Promise<TokenState> {
    return this.#items.read(connection) ?? newTokenState(connection);
  }

  async replace(next: TokenState): Promise<TokenState | undefined> {
    return this.#items.replace(next.connection, next);
  }
}
