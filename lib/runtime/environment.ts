import * as z from 'zod';

import { connectors } from '../connectors/registry.ts';
import { formatStreamName } from '../connectors/stream-name.ts';
import { withParams } from '../connectors/template.ts';
import {
  defaultFreshnessMs,
  defaultMaxPageMb,
  leaseMarginSeconds,
  limitScopeOf,
  limitTermsOf,
  type Stream,
} from '../sync/settings.ts';
import { streamSettingsOf, streamShape } from './stream-settings.ts';

/**
 * What the stack gives its functions, through environment variables, which Lambda limits to 4 KB in all: so settings
 * that are the default stay out. The stack writes it, a function reads it on its cold start; the shape is theirs alone.
 */

const streamConfig = z.preprocess(
  ofVersionBefore,
  z.strictObject({
    ...streamShape,
    /** The longest gap between two ticks. */
    gapSeconds: z.int().positive(),
  }),
);

/**
 * While a deployment changes a function it may have its new code and its old variables, in which fields stood apart and a date was
 * a number.
 */
function ofVersionBefore(config: unknown): unknown {
  if (typeof config !== 'object' || config === null) return config;
  const { omit, mask, ...rest } = config as Readonly<Record<string, unknown>>;
  const { fields: ask, historyFrom } = rest;
  return {
    ...rest,
    ...(omit === undefined && mask === undefined ? {} : { fields: { ask, omit, mask } }),
    ...(typeof historyFrom === 'number' && { historyFrom: new Date(historyFrom).toISOString().slice(0, 10) }),
  };
}

const connectionConfig = z.strictObject({
  name: z.string(),
  connector: z.string().refine((name) => name in connectors, 'is not a connector'),
  limitGroup: z.string().optional(),
  limitPerMinute: z.int().positive().optional(),
  timeoutSeconds: z.int().positive(),
  maxPageMb: z.int().positive().optional(),
  visibilitySeconds: z.int().positive(),
  pageQueueUrl: z.string(),
  secretId: z.string(),
  streams: z.record(z.string(), streamConfig),
});

export type ConnectionConfig = z.infer<typeof connectionConfig>;

const environment = z.object({
  /** The stack's name: the dimension `deployment` of every metric. */
  PAGEKEEPER_DEPLOYMENT: z.string().min(1),
  PAGEKEEPER_CHECKPOINTS_TABLE: z.string().min(1),
  PAGEKEEPER_CONNECTIONS: z
    .string()
    .transform((text, context) => {
      try {
        return JSON.parse(text) as unknown;
      } catch {
        context.addIssue('is not JSON');
        return z.NEVER;
      }
    })
    .pipe(z.array(connectionConfig).min(1)),
});

const syncEnvironment = environment.extend({
  PAGEKEEPER_RECORDS_TABLE: z.string().min(1),
  /** The vendor's, without a trailing slash. `http:` is for a server on this very machine. */
  PAGEKEEPER_BASE_URL: z
    .url({ protocol: /^https?$/ })
    .refine(isSafeBaseUrl, 'must be https, or http on loopback, without credentials'),
});

/** Credentials travel with every request: encrypted, or not beyond this machine. */
export function isSafeBaseUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const url = new URL(text);
  if (!isWithoutCredentials(text)) return false;
  return url.protocol === 'https:' || ['127.0.0.1', 'localhost', '[::1]'].includes(url.hostname);
}

/**
 * No `https://user:password@host`, which would stand wherever the URL does. A password with a slash in it makes another URL of it, whose
 * host is a part of the password, so it is the sign that counts.
 */
export function isWithoutCredentials(url: string): boolean {
  return !url.includes('@');
}

export interface Connection {
  readonly name: string;
  readonly timeoutSeconds: number;
  /** The longest answer that is read, after decompression. */
  readonly maxPageMb: number;
  readonly pageQueueUrl: string;
  readonly secretId: string;
  readonly streams: readonly Stream[];
}

export interface Environment {
  readonly deployment: string;
  readonly checkpointsTable: string;
  readonly connections: readonly Connection[];
}

export interface SyncEnvironment extends Environment {
  readonly recordsTable: string;
  readonly baseUrl: string;
  /** A sync function serves one connection. */
  readonly connection: Connection;
}

type Variables = Readonly<Record<string, string | undefined>>;

export function readEnvironment(variables: Variables): Environment {
  return common(parse(environment, variables));
}

export function readSyncEnvironment(variables: Variables): SyncEnvironment {
  const parsed = parse(syncEnvironment, variables);
  const shared = common(parsed);
  const [connection, ...others] = shared.connections;
  if (connection === undefined || others.length > 0) {
    throw new Error('PAGEKEEPER_CONNECTIONS of a sync function must hold exactly one connection');
  }
  return {
    ...shared,
    recordsTable: parsed.PAGEKEEPER_RECORDS_TABLE,
    baseUrl: parsed.PAGEKEEPER_BASE_URL,
    connection,
  };
}

function common(parsed: z.infer<typeof environment>): Environment {
  return {
    deployment: parsed.PAGEKEEPER_DEPLOYMENT,
    checkpointsTable: parsed.PAGEKEEPER_CHECKPOINTS_TABLE,
    connections: parsed.PAGEKEEPER_CONNECTIONS.map(connectionOf),
  };
}

function parse<T>(schema: z.ZodType<T>, variables: Variables): T {
  const result = schema.safeParse(variables);
  if (!result.success) {
    throw new Error(`The function's environment is wrong:\n${z.prettifyError(result.error)}`);
  }
  return result.data;
}

/** Fills in every default. */
export function connectionOf(config: ConnectionConfig): Connection {
  const connector = connectors[config.connector];
  if (connector === undefined) throw new Error(`There is no connector ${config.connector}`);
  const streams = Object.entries(config.streams).map(([name, chosen]): Stream => {
    const { gapSeconds, freshnessMinutes, of = name, limitPerMinute, ...chosenSettings } = chosen;
    const described = connector.streams[of];
    if (described === undefined) throw new Error(`${connector.title} has no stream ${of}`);
    const definition = withParams(described, chosenSettings.params ?? {});
    return {
      name: formatStreamName({ connection: config.name, stream: name }),
      connection: config.name,
      connector,
      definition,
      settings: streamSettingsOf(definition, chosenSettings),
      // Of the endpoint, not of what the user has put into its path: two tables share the limit of theirs.
      limitScope: limitScopeOf(config.limitGroup ?? config.name, connector, described),
      limit: limitTermsOf(connector, described, limitPerMinute ?? config.limitPerMinute ?? null),
      gapSeconds,
      freshnessMs:
        freshnessMinutes === undefined ? defaultFreshnessMs(gapSeconds) : freshnessMinutes * 60_000,
      leaseMs: (config.timeoutSeconds + leaseMarginSeconds) * 1000,
      visibilityMs: config.visibilitySeconds * 1000,
    };
  });
  const { name, timeoutSeconds, maxPageMb = defaultMaxPageMb, pageQueueUrl, secretId } = config;
  return { name, timeoutSeconds, maxPageMb, pageQueueUrl, secretId, streams };
}
