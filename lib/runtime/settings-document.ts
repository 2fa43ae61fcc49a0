import * as z from 'zod';

import type { Connector } from '../connectors/connector.ts';
import { isObject } from '../connectors/json.ts';
import { connectors as builtIn } from '../connectors/registry.ts';
import { formatStreamName } from '../connectors/stream-name.ts';
import { withParams } from '../connectors/template.ts';
import {
  defaultFreshnessMs,
  defaultMaxPageMb,
  defaultPageAfterMinutes,
  leaseMarginSeconds,
  limitsOf,
  visibilitySecondsOf,
  type Stream,
} from '../sync/settings.ts';
import { jsonText } from './setting.ts';
import { chosenLimits, limitList, streamSettingsOf, streamShape } from './stream-settings.ts';

/**
 * What the functions go by: written once, when the stack is synthesized, and put beside their code, so that code and settings
 * are always of one version. It knows no names that are given at deploy: those are in the environment. Settings that are the
 * default stay out.
 */

/** Beside the function's `index.mjs`. */
export const settingsFile = 'settings.json';

const connectionConfig = z.strictObject({
  name: z.string(),
  connector: z.string(),
  limitGroup: z.string().optional(),
  limitPerMinute: z.int().positive().optional(),
  limits: limitList.optional(),
  /** The vendor's, without a trailing slash. `http:` is for a server on this very machine. */
  baseUrl: z
    .url({ protocol: /^https?$/ })
    .refine(isSafeBaseUrl, 'must be https, or http on loopback, without credentials'),
  timeoutSeconds: z.int().positive(),
  maxPageMb: z.int().positive().optional(),
  secretName: z.string().min(1),
  /** Where access tokens are requested, and the secret that keeps them: for connectors that need any. */
  tokens: z
    .strictObject({
      url: z
        .url({ protocol: /^https?$/ })
        .refine(isSafeBaseUrl, 'must be https, or http on loopback, without credentials'),
      secretName: z.string().min(1),
    })
    .optional(),
  streams: z.record(
    z.string(),
    z.strictObject({
      ...streamShape,
      /** The longest gap between two ticks. */
      gapSeconds: z.int().positive(),
    }),
  ),
});

const settingsDocument = z
  .strictObject({
    /** Those that the code has not itself, by name: checked before they were written. */
    connectors: z.record(z.string(), z.custom<Connector>(isObject)).optional(),
    connections: z.array(connectionConfig).min(1),
  })
  .superRefine(({ connectors = {}, connections }, context) => {
    for (const [index, { connector }] of connections.entries()) {
      if (Object.hasOwn(connectors, connector) || Object.hasOwn(builtIn, connector)) continue;
      context.addIssue({
        code: 'custom',
        path: ['connections', index, 'connector'],
        message: 'is not a connector',
      });
    }
  });

export type ConnectionConfig = z.infer<typeof connectionConfig>;
export type SettingsDocument = z.infer<typeof settingsDocument>;

export interface Connection {
  readonly name: string;
  readonly connector: Connector;
  readonly baseUrl: string;
  readonly timeoutSeconds: number;
  /** The longest answer that is read, after decompression. */
  readonly maxPageMb: number;
  readonly secretName: string;
  /** Null where the connector's credentials are sent as they are. */
  readonly tokens: { readonly url: string; readonly secretName: string } | null;
  readonly streams: readonly Stream[];
}

/** @throws Error that says what is wrong, where it is not such a document. */
export function parseDocument(text: string): SettingsDocument {
  const result = jsonText().pipe(settingsDocument).safeParse(text);
  if (result.success) return result.data;
  throw new Error(`The settings are wrong:\n${z.prettifyError(result.error)}`);
}

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

/** All of them. */
export function connectionsOf({ connectors, connections }: SettingsDocument): readonly Connection[] {
  return connections.map((config) => {
    const connector = connectors?.[config.connector] ?? builtIn[config.connector];
    if (connector === undefined) throw new Error(`There is no connector ${config.connector}`);
    return connectionOf(config, connector);
  });
}

/** Fills in every default. */
export function connectionOf(config: ConnectionConfig, connector: Connector): Connection {
  const streams = Object.entries(config.streams).map(([name, chosen]): Stream => {
    const {
      gapSeconds,
      freshnessMinutes,
      pageAfterMinutes,
      of = name,
      limitPerMinute,
      limits,
      ...chosenSettings
    } = chosen;
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
      ...limitsOf(config.limitGroup ?? config.name, connector, described, {
        account: chosenLimits(config),
        endpoint: chosenLimits({ limitPerMinute, limits }),
      }),
      gapSeconds,
      freshnessMs:
        freshnessMinutes === undefined ? defaultFreshnessMs(gapSeconds) : freshnessMinutes * 60_000,
      pageAfterMs: (pageAfterMinutes ?? defaultPageAfterMinutes) * 60_000,
      leaseMs: (config.timeoutSeconds + leaseMarginSeconds) * 1000,
      visibilityMs: visibilitySecondsOf(config.timeoutSeconds) * 1000,
    };
  });
  const { name, baseUrl, timeoutSeconds, maxPageMb = defaultMaxPageMb, secretName, tokens = null } = config;
  return { name, connector, baseUrl, timeoutSeconds, maxPageMb, secretName, tokens, streams };
}
