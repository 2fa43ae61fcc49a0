import type { Command } from 'commander';

import { secretFields, type Connector } from '../../../lib/connectors/connector.ts';
import { KyVendor } from '../../../lib/http/ky-vendor.ts';
import { streamToTry, tryStream } from '../../../lib/operations/try-stream.ts';
import { systemClock } from '../../../lib/runtime/clock.ts';
import type { Stream } from '../../../lib/sync/settings.ts';
import { printJson, type Cli } from '../commands/cli-context.ts';
import { baseUrlsOf } from '../../laptop/options/options.ts';
import { colorsFor } from '../../terminal/colors.ts';
import { UsageError } from '../../terminal/usage-error.ts';
import { writeAll } from '../../terminal/write-all.ts';
import { differencesOf } from './compare.ts';
import { tryJson, tryText, type Shown } from './print-try.ts';
import { fillParams, mustHaveStream, needsParents, readConnector } from './read-connector.ts';
import { readSecretOf } from './read-secret.ts';
import {
  mustNotBeThere,
  readRecording,
  recordingOf,
  ReplayedVendor,
  writeRecording,
  type Recording,
} from './recording.ts';

interface Options {
  readonly pages?: string;
  readonly pageSize?: string;
  readonly baseUrl?: string;
  readonly since?: string;
  readonly param?: readonly string[];
  readonly parent?: readonly string[];
  readonly record?: string;
  readonly replay?: string;
  readonly compare?: string;
  readonly values?: true;
  readonly json?: true;
}

const maxPages = 100;

export function addTry(group: Command, cli: Cli): void {
  group
    .command('try')
    .description(
      'asks the vendor for some pages of a stream, shows what the sync makes of them, and stores nothing',
    )
    .argument('<file>', 'that exports the connector, such as ./connectors/acme.ts')
    .argument('<stream>', 'one of its streams, such as users')
    .option(
      '--pages <count>',
      `calls at the most, up to ${String(maxPages)} (default: 3; of a recording, all)`,
    )
    .option('--page-size <rows>', 'rows to request in a page (default: that of the definition)')
    .option('--base-url <url>', "another host than the definition's; http: only on this machine")
    .option('--since <date>', 'of a stream with windows: where to begin (default: the newest window)')
    .option('--param <name=value>', 'what the stream needs of its user; may be repeated', collect)
    .option('--parent <id>', 'a record of the stream that it is requested by; may be repeated', collect)
    .option(
      '--record <file>',
      'keep the answers, scrubbed: other values of the same shapes, types and lengths',
    )
    .option('--replay <file>', 'take recorded answers in place of the vendor: no call, and no key')
    .option('--compare <file>', 'say which fields are otherwise than in a recording')
    .option('--values', 'show the values of the rows, which may be personal data')
    .option('--json', 'as one JSON object')
    .addHelpText(
      'after',
      `
Examples:
  npx pagekeeper connector try ./connectors/acme.ts users
  npx pagekeeper connector try ./connectors/acme.ts users --pages 10 --values
  npx pagekeeper connector try ./connectors/acme.ts orders --base-url http://127.0.0.1:9000/api
  npx pagekeeper connector try ./connectors/acme.ts users --record users.json
  npx pagekeeper connector try ./connectors/acme.ts users --compare users.json    has the vendor changed?
  npx pagekeeper connector try ./connectors/acme.ts users --replay users.json     has the connector?

The key comes from the environment (ACME_API_KEY: the connector's name and the field of its secret), or is asked for without
showing it. A page is a call; a call that fails is not tried again, and a redirect within the same host belongs to its call.
Exit status 1: the vendor's answer stops the sync, or makes it wait, or is otherwise than the recording.`,
    )
    .action(async (file: string, stream: string, options: Options) => {
      const shown = await tryIt(file, stream, options, cli);
      const { kind } = shown.tried.end;
      const isOtherwise = (shown.differences ?? []).length > 0;
      if (kind === 'fault' || kind === 'nothing' || isOtherwise) cli.end(1);
      const values = options.values === true;
      if (options.json === true) return printJson(cli.out, tryJson(shown, values));
      await writeAll(cli.out, tryText(shown, values, colorsFor(cli.out, cli.variables)));
    });
}

async function tryIt(file: string, name: string, options: Options, cli: Cli): Promise<Shown> {
  const pageSize =
    options.pageSize === undefined ? null : wholeNumber('--page-size', options.pageSize, 100_000);
  const original = readConnector(file);
  mustHaveStream(original, name);
  const { connector, lists } = fillParams(original, name, options.param ?? []);
  const parents = parentsGiven(connector, name, options.parent ?? []);
  const stream = withChoices(streamToTry(connector, name, { params: lists }), pageSize, options.since);
  const baseUrl = baseUrlGiven(options.baseUrl) ?? connector.baseUrl;
  const { definition } = stream;
  const recordingAt = async (option: string, path: string | undefined): Promise<Recording | null> =>
    path === undefined ? null : readRecording(option, path, connector.name, name);
  if (options.replay !== undefined && options.record !== undefined) {
    throw new UsageError('--record: a recording is replayed, and there is nothing new to keep.');
  }
  const replayed = await recordingAt('--replay', options.replay);
  const compared = await recordingAt('--compare', options.compare);
  if (options.record !== undefined) await mustNotBeThere(options.record);

  const replay = (recording: Recording): Promise<Replayed> =>
    replayIt(recording, stream, { baseUrl, parents }, options, cli.signal);
  const then = compared === null ? null : await replay(compared);
  const { tried, source, otherwise } =
    replayed === null ? await askVendor(stream, { baseUrl, parents }, options, cli) : await replay(replayed);
  if (options.record !== undefined) {
    const now = systemClock.now();
    const kept = recordingOf({ connector: connector.name, stream: name, definition, baseUrl, tried, now });
    await writeRecording(options.record, kept);
  }
  const differences = then === null ? null : differencesOf(then.tried, tried);
  return { connector, stream: name, definition, tried, source, otherwise, differences };
}

interface Where {
  readonly baseUrl: string;
  readonly parents: readonly string[];
}

type Replayed = Pick<Shown, 'tried' | 'source' | 'otherwise'>;

async function askVendor(stream: Stream, where: Where, options: Options, cli: Cli): Promise<Replayed> {
  const { connector } = stream;
  const calls = wholeNumber('--pages', options.pages ?? '3', maxPages);
  const secret = await readSecretOf(connector, cli.variables, cli.askHidden);
  const vendor = new KyVendor({ timeoutMs: (connector.timeoutSeconds - 10) * 1000, clock: systemClock });
  const tried = await tryStream(stream, { ...where, secret, vendor, calls, clock: systemClock }, cli.signal);
  return { tried, source: new URL(where.baseUrl).host, otherwise: [] };
}

async function replayIt(
  recording: Recording,
  stream: Stream,
  where: Where,
  options: Options,
  signal: AbortSignal,
): Promise<Replayed> {
  const { connector, definition } = stream;
  const recorded = recording.exchanges.length;
  const most = options.pages === undefined ? recorded : wholeNumber('--pages', options.pages, maxPages);
  const vendor = new ReplayedVendor(recording, definition, where.baseUrl, systemClock);
  const secret = Object.fromEntries(secretFields(connector).map((field) => [field, 'not of the recording']));
  const calls = Math.min(recorded, most);
  const tried = await tryStream(stream, { ...where, secret, vendor, calls, clock: systemClock }, signal);
  return {
    tried,
    source: `the recording of ${recording.recordedAt.slice(0, 10)}`,
    otherwise: vendor.otherwise,
  };
}

function withChoices(stream: Stream, pageSize: number | null, since: string | undefined): Stream {
  const { definition, settings } = stream;
  if (pageSize !== null && !('pageSize' in definition.paging)) {
    throw new UsageError('--page-size: the stream requests no number of rows.');
  }
  if (since !== undefined && definition.windows === undefined) {
    throw new UsageError('--since: the stream has no windows.');
  }
  const historyFrom = since === undefined ? null : Date.parse(since);
  if (Number.isNaN(historyFrom)) throw new UsageError('--since takes a date, such as 2026-01-31.');
  return { ...stream, settings: { ...settings, ...(pageSize !== null && { pageSize }), historyFrom } };
}

/** @throws UsageError where the stream is requested by the records of another one, and none is given */
function parentsGiven(connector: Connector, stream: string, given: readonly string[]): readonly string[] {
  const needed = needsParents(connector, stream);
  if (needed && given.length === 0) {
    const { parents } = connector.streams[stream] ?? {};
    const of = parents !== undefined && 'stream' in parents ? parents.stream : 'another stream';
    throw new UsageError(
      `${stream} is requested for each record of ${of}: give the id of one with --parent.`,
    );
  }
  if (!needed && given.length > 0) {
    throw new UsageError(`--parent: ${stream} is not requested by the records of another stream.`);
  }
  return given;
}

function baseUrlGiven(url: string | undefined): string | null {
  if (url === undefined) return null;
  if (url === 'live') throw new UsageError('--base-url: leave it out to ask the vendor itself.');
  return baseUrlsOf([`CONNECTION=${url}`]).get('CONNECTION') ?? null;
}

function wholeNumber(option: string, text: string, max: number): number {
  const number = /^\d{1,6}$/.test(text) ? Number(text) : 0;
  if (number >= 1 && number <= max) return number;
  throw new UsageError(`${option} takes a number from 1 to ${max.toLocaleString('en-US')}.`);
}

function collect(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value];
}
