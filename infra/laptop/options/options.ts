import { Command, CommanderError } from 'commander';
import { z } from 'zod';

import { isSafeBaseUrl, isWithoutCredentials } from '../../../lib/runtime/settings-document.ts';
import { startWith } from '../../../lib/operations/words.ts';
import { UsageError, usageErrorOf } from '../../terminal/usage-error.ts';

/** What was typed, checked as far as that goes without knowing the stack. */
export interface StartOptions {
  /** Names; empty if not given. */
  readonly connections: readonly string[];
  /** `mobaro/users`; empty if not given. */
  readonly streams: readonly string[];
  /** By connection: without a trailing slash, or `live` for the vendor itself. */
  readonly baseUrls: ReadonlyMap<string, string>;
  /** As typed; null for the default. */
  readonly data: string | null;
  /** A file with the keys, or `-` for standard input; null if not given. */
  readonly keysFrom: string | null;
  readonly fresh: boolean;
  readonly json: boolean;
  readonly timeoutSeconds: number;
  /** Go on by the schedules, and show it on a page at this port; null to end when all is done. */
  readonly watch: { readonly port: number | 'default' } | null;
}

export type ParsedStart =
  | { readonly kind: 'run'; readonly options: StartOptions }
  /** Asked for help or the version: `text` is for stdout. */
  | { readonly kind: 'answer'; readonly text: string };

export const live = 'live';
export const defaultTimeoutSeconds = 900;
const maxTimeoutSeconds = 86_400;
/** What "page" spells on the keys of a telephone. */
export const defaultPort = 7243;

const uses: readonly (readonly [options: string, about: string])[] = [
  ['', 'every stream, from simulated vendors'],
  ['--connection mobaro', 'one connection'],
  ['--stream mobaro/users --stream bob/people', ''],
  ['--base-url mobaro=live', 'the vendor itself; asks for the key, without showing it'],
  ['--base-url bob=live --keys-from k.json', '{"bob":{"serviceUserId":"...","serviceUserToken":"..."}}'],
  ['--base-url bob=http://127.0.0.1:9001/v1', 'a server of your own (http: only on this machine)'],
  ['--watch', 'go on by the schedules, and show it in a browser'],
  ['--fresh', 'forget what is stored and begin again'],
];
const forScripts: readonly [string, string] = [
  startWith('--json').replace(/^npm start/, 'npm start --silent'),
  'one JSON object on stdout, for scripts',
];
const widest = startWith('--base-url bob=http://127.0.0.1:9001/v1').length;

const examples = `
Examples:
${[...uses.map(([options, about]) => [startWith(options), about] as const), forScripts]
  .map(([command, about]) => `  ${command.padEnd(widest)}  ${about}`.trimEnd())
  .join('\n')}

Keys for --base-url come from --keys-from, from the environment (MOBARO_API_KEY; BOB_SERVICE_USER_ID and
BOB_SERVICE_USER_TOKEN; a connection of another name may have its own: MOBARO_EU_API_KEY for mobaro-eu), or are asked for
on the terminal. Never type one as an argument: the shell's history and the list of processes would keep it.

Exit status: 0 every selected stream is complete, 1 some stream is not, 2 wrong usage,
130 stopped with Ctrl-C, 143 by SIGTERM.`;

/**
 * @param argv without node and the script.
 * @throws UsageError in one sentence that names the option, what was given and what is allowed.
 */
export function parseStartOptions(argv: readonly string[], version: string): ParsedStart {
  let answer = '';
  const program = new Command()
    .name(startWith('').replace(/^npm start$/, 'npm start --'))
    .description('Syncs every stream on this machine: the very stack that is deployed, without AWS.')
    .option(
      '--connection <name>',
      'sync only this connection, and what else is named; may be repeated',
      collect,
    )
    .option(
      '--stream <name>',
      'sync only this stream, such as mobaro/users, and what else is named; may be repeated',
      collect,
    )
    .option(
      '--base-url <connection=url>',
      'another host than the simulator, or "live"; may be repeated',
      collect,
    )
    .option('--keys-from <file>', 'keys for --base-url, as JSON by connection and field; - is standard input')
    .option('--data <dir>', 'where state and records are kept (default: .pagekeeper)')
    .option('--fresh', 'delete what an earlier run stored there first')
    .option('--json', 'print nothing but one JSON object at the end')
    .option('--watch', 'go on by the schedules until Ctrl-C, and serve a page to look at on 127.0.0.1')
    .option('--port <port>', `of that page, 0 for any that is free (default: ${String(defaultPort)})`)
    .option('--timeout <seconds>', `give up after so long (default: ${String(defaultTimeoutSeconds)})`)
    .version(version)
    .helpOption('-h, --help', 'show this')
    .addHelpText('after', examples)
    .allowExcessArguments(false)
    .exitOverride()
    .configureOutput({ writeOut: (text) => (answer += text), writeErr: () => undefined });
  try {
    program.parse(argv, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return { kind: 'answer', text: answer };
    throw usageErrorOf(error, startWith('--help'));
  }
  const parsed = schema.safeParse(program.opts());
  if (!parsed.success) {
    throw new UsageError(parsed.error.issues[0]?.message ?? 'The options are wrong.');
  }
  return { kind: 'run', options: parsed.data };
}

function collect(value: string, previous: readonly string[] = []): readonly string[] {
  return [...previous, value];
}

const connectionName = z.string().regex(/^[^/\s=]+$/, {
  error: '--connection takes the name of a connection, such as mobaro.',
});

const streamName = z.string().regex(/^[^/\s]+\/[^/\s]+$/, {
  error: '--stream takes connection/stream, such as mobaro/users.',
});

const baseUrl = z.string().transform((text, context): readonly [string, string] => {
  const at = text.indexOf('=');
  const connection = text.slice(0, Math.max(at, 0));
  const problem = connection === '' ? 'is not CONNECTION=URL' : problemOfUrl(text.slice(at + 1));
  if (problem !== null) {
    const example = 'mobaro=https://host/path, mobaro=http://127.0.0.1:9000/path or mobaro=live';
    context.addIssue(`--base-url: what was given ${problem}; it takes ${example}.`);
    return z.NEVER;
  }
  return [connection, text.slice(at + 1).replace(/\/+$/, '')];
});

function problemOfUrl(url: string): string | null {
  if (url === live) return null;
  if (!/^https?:\/\//i.test(url) || !URL.canParse(url)) return 'is not an http or https URL';
  const { search, hash } = new URL(url);
  if (!isWithoutCredentials(url)) return 'holds credentials, which have no place in it';
  if (search !== '' || hash !== '') return 'goes on behind its path';
  return isSafeBaseUrl(url)
    ? null
    : 'is not safe: http: is for this machine only (127.0.0.1, localhost), else https:';
}

/**
 * @param texts as `--base-url` takes them
 * @returns by connection
 * @throws UsageError
 */
export function baseUrlsOf(texts: readonly string[]): ReadonlyMap<string, string> {
  const parsed = z.array(baseUrl).safeParse(texts);
  if (parsed.success) return new Map(parsed.data);
  throw new UsageError(parsed.error.issues[0]?.message ?? '--base-url is wrong.');
}

const schema = z
  .object({
    connection: z.array(connectionName).default([]),
    stream: z.array(streamName).default([]),
    baseUrl: z.array(baseUrl).default([]),
    data: z.string().min(1, '--data takes the name of a folder, and was given nothing.').optional(),
    keysFrom: z
      .string()
      .min(1, '--keys-from takes the name of a file, or - for standard input, and was given nothing.')
      .optional(),
    fresh: z.boolean().default(false),
    json: z.boolean().default(false),
    watch: z.boolean().default(false),
    port: z
      .string()
      .transform((text, context) => {
        const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
        if (port <= 65_535) return port;
        context.addIssue('--port takes a number from 0 to 65535.');
        return z.NEVER;
      })
      .optional(),
    timeout: z
      .string()
      .transform((text, context) => {
        const seconds = /^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
        if (seconds > 0 && seconds <= maxTimeoutSeconds) return seconds;
        context.addIssue(
          `--timeout takes a number of seconds above 0 and up to ${String(maxTimeoutSeconds)}.`,
        );
        return z.NEVER;
      })
      .optional(),
  })
  .transform((options, context): StartOptions => {
    const { connection, stream, baseUrl: pairs, data, keysFrom, fresh, json, timeout, watch, port } = options;
    if (!watch && port !== undefined) context.addIssue('--port is for the page of --watch; add --watch.');
    if (watch && timeout !== undefined) {
      context.addIssue('--timeout: with --watch there is none; it goes on until Ctrl-C.');
    }
    const baseUrls = new Map<string, string>();
    for (const [name, url] of pairs) {
      if (baseUrls.has(name))
        context.addIssue('--base-url names a connection twice; it takes one URL for each.');
      baseUrls.set(name, url);
    }
    return {
      connections: [...new Set(connection)],
      streams: [...new Set(stream)],
      baseUrls,
      data: data ?? null,
      keysFrom: keysFrom ?? null,
      fresh,
      json,
      timeoutSeconds: timeout ?? defaultTimeoutSeconds,
      watch: watch ? { port: port ?? 'default' } : null,
    };
  });
