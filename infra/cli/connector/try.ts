import type { Command } from 'commander';

import type { Connector } from '../../../lib/connectors/connector.ts';
import { KyVendor } from '../../../lib/http/ky-vendor.ts';
import { streamToTry, tryStream } from '../../../lib/operations/try-stream.ts';
import { systemClock } from '../../../lib/runtime/clock.ts';
import type { Stream } from '../../../lib/sync/settings.ts';
import { printJson, type Cli } from '../commands/cli-context.ts';
import { baseUrlsOf } from '../../laptop/options/options.ts';
import { colorsFor } from '../../terminal/colors.ts';
import { UsageError } from '../../terminal/usage-error.ts';
import { writeAll } from '../../terminal/write-all.ts';
import { tryJson, tryText, type Shown } from './print-try.ts';
import { fillParams, mustHaveStream, needsParents, readConnector } from './read-connector.ts';
import { readSecretOf } from './read-secret.ts';

interface Options {
  readonly pages: string;
  readonly pageSize?: string;
  readonly baseUrl?: string;
  readonly since?: string;
  readonly param?: readonly string[];
  readonly parent?: readonly string[];
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
    .option('--pages <count>', `calls at the most, up to ${String(maxPages)}`, '3')
    .option('--page-size <rows>', 'rows to request in a page (default: that of the definition)')
    .option('--base-url <url>', "another host than the definition's; http: only on this machine")
    .option('--since <date>', 'of a stream with windows: where to begin (default: the newest window)')
    .option('--param <name=value>', 'what the stream needs of its user; may be repeated', collect)
    .option('--parent <id>', 'a record of the stream that it is requested by; may be repeated', collect)
    .option('--values', 'show the values of the rows, which may be personal data')
    .option('--json', 'as one JSON object')
    .addHelpText(
      'after',
      `
Examples:
  npx pagekeeper connector try ./connectors/acme.ts users
  npx pagekeeper connector try ./connectors/acme.ts users --pages 10 --values
  npx pagekeeper connector try ./connectors/acme.ts orders --base-url http://127.0.0.1:9000/api

The key comes from the environment (ACME_API_KEY: the connector's name and the field of its secret), or is asked for without
showing it. A page is a call; a call that fails is not tried again, and a redirect within the same host belongs to its call.
Exit status 1: the vendor's answer stops the sync, or makes it wait.`,
    )
    .action(async (file: string, stream: string, options: Options) => {
      const shown = await tryIt(file, stream, options, cli);
      const { kind } = shown.tried.end;
      if (kind === 'fault' || kind === 'nothing') cli.end(1);
      const values = options.values === true;
      if (options.json === true) return printJson(cli.out, tryJson(shown, values));
      await writeAll(cli.out, tryText(shown, values, colorsFor(cli.out, cli.variables)));
    });
}

async function tryIt(file: string, name: string, options: Options, cli: Cli): Promise<Shown> {
  const calls = wholeNumber('--pages', options.pages, maxPages);
  const pageSize =
    options.pageSize === undefined ? null : wholeNumber('--page-size', options.pageSize, 100_000);
  const original = await readConnector(file);
  mustHaveStream(original, name);
  const { connector, lists } = fillParams(original, name, options.param ?? []);
  const parents = parentsGiven(connector, name, options.parent ?? []);
  const stream = withChoices(streamToTry(connector, name, { params: lists }), pageSize, options.since);
  const baseUrl = baseUrlGiven(options.baseUrl) ?? connector.baseUrl;
  const secret = await readSecretOf(connector, cli.variables, cli.askHidden);
  const vendor = new KyVendor({ timeoutMs: (connector.timeoutSeconds - 10) * 1000, clock: systemClock });
  const tried = await tryStream(
    stream,
    { ...{ baseUrl, secret, vendor, parents, calls }, clock: systemClock },
    cli.signal,
  );
  const { definition } = stream;
  return { connector, stream: name, definition, tried, source: new URL(baseUrl).host, differences: null };
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
