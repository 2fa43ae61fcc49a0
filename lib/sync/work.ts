import type { Random } from '../retry/backoff.ts';
import { requestFingerprintOf } from './request-fingerprint.ts';
import type { Context } from './context.ts';
import type { PageRequest } from './message.ts';
import type {
  Breakers,
  Checkpoints,
  Clock,
  Faults,
  Governor,
  HeldTokens,
  IdBatches,
  Outages,
  PageQueue,
  Records,
  Schemas,
  Secret,
  Secrets,
  SeenRows,
  Tokens,
  TokenStates,
  TokenVault,
  Vendor,
} from './ports.ts';
import type { Stream } from './settings.ts';
import type { Measurements } from './troubles.ts';

/** All that the use case needs, bound once per cold start. */
export interface SyncDependencies {
  readonly streams: ReadonlyMap<string, Stream>;
  /** The vendor's, without a trailing slash. */
  readonly baseUrl: string;
  readonly checkpoints: Checkpoints;
  readonly breakers: Breakers;
  readonly outages: Outages;
  readonly governor: Governor;
  readonly records: Records;
  readonly seenRows: SeenRows;
  readonly schemas: Schemas;
  readonly idBatches: IdBatches;
  readonly queue: PageQueue;
  readonly secrets: Secrets;
  /** Null where the connector's credentials are sent as they are. */
  readonly tokens: TokenDependencies | null;
  readonly vendor: Vendor;
  readonly measurements: Measurements;
  readonly faults: Faults;
  readonly clock: Clock;
  readonly random: Random;
  /** Unique each time: for runs and lease holders. */
  readonly newId: () => string;
}

export interface TokenDependencies {
  /** The vendor's token endpoint. */
  readonly url: string;
  readonly states: TokenStates;
  readonly vault: TokenVault;
  /** What this function alone holds while it is warm: tokens that may not be stored so soon after the last ones. */
  readonly memory: { held: (HeldTokens & { readonly tokens: Tokens }) | null };
}

/** One invocation at work on one stream. */
export interface Work {
  readonly deps: SyncDependencies;
  readonly stream: Stream;
  readonly trigger: PageRequest['kind'];
  readonly secret: Secret;
  readonly signal: AbortSignal;
}

/** What this invocation decides from. @param ids of a batch: those whose rows were requested */
export function contextOf({ deps, stream, secret }: Work, ids?: readonly string[]): Context {
  return {
    stream,
    requestFingerprint: requestFingerprintOf(stream, secret.version, deps.baseUrl),
    now: deps.clock.now(),
    random: deps.random,
    ...(ids !== undefined && { ids }),
  };
}
