import { access, writeFile } from 'node:fs/promises';
import path from 'node:path';

import type { Command } from 'commander';

import { buildRequest, credentialTexts } from '../../../lib/connectors/build-request.ts';
import type { Connector } from '../../../lib/connectors/connector.ts';
import { parseJson } from '../../../lib/connectors/json.ts';
import { nothingRedacted } from '../../../lib/connectors/privacy.ts';
import { KyVendor } from '../../../lib/http/ky-vendor.ts';
import { findingOf } from '../../../lib/operations/check.ts';
import { systemClock } from '../../../lib/runtime/clock.ts';
import { isSafeBaseUrl } from '../../../lib/runtime/settings-document.ts';
import type { VendorAnswer } from '../../../lib/sync/ports.ts';
import { readAnswer } from '../../../lib/sync/read-answer.ts';
import { printJson, type Cli } from '../commands/cli-context.ts';
import { checkDefinition } from '../../connectors/check-definition.ts';
import { ending, projectRoot } from '../../settings/project.ts';
import { printable } from '../../terminal/printable.ts';
import { UsageError } from '../../terminal/usage-error.ts';
import { counted, quoted, wrapped } from '../../terminal/words.ts';
import { writeAll } from '../../terminal/write-all.ts';
import { findRows, proposeIds, proposeItems, proposePagings, tellTimes, type FoundRows } from './propose.ts';
import { readSecretOf } from './read-secret.ts';
import { connectorText } from './write-connector.ts';

interface Options {
  readonly url?: string;
  readonly auth?: string;
  readonly baseUrl?: string;
  readonly stream?: string;
  readonly title?: string;
  readonly out?: string;
  readonly json?: true;
}

const forms = 'bearer, header:NAME, query:NAME, basic';

export function addNew(group: Command, cli: Cli): void {
  group
    .command('new')
    .description('asks a vendor for one page of a list, and writes a connector from what came')
    .argument('<name>', 'of the connector, such as acme')
    .option(
      '--url <url>',
      'of a list, as the vendor documents it, with the parameters that it is to be requested with',
    )
    .option('--auth <form>', `how the key is sent: ${forms}`)
    .option(
      '--base-url <url>',
      'what all lists of the vendor have in common (default: the URL up to its last part)',
    )
    .option('--stream <name>', 'what the list is called (default: the last part of the URL)')
    .option('--title <title>', 'the vendor as people write it (default: from the name)')
    .option('--out <file>', 'where it is written (default: NAME.ts in this folder)')
    .option('--json', 'as one JSON object')
    .addHelpText(
      'after',
      `
Examples:
  npx pagekeeper connector new acme                                             asks for the URL, the form and the key
  npx pagekeeper connector new acme --url https://api.acme.com/v1/users --auth bearer
  npx pagekeeper connector new acme --url 'https://api.acme.com/v1/users?limit=50&offset=0' --auth header:X-Api-Key

It sends one request. The key comes from the environment (ACME_TOKEN, ACME_API_KEY, or ACME_USERNAME and ACME_PASSWORD), or is
asked for without showing it. It never overwrites a file. What it writes is a proposal with its reasons: read it, and try it.`,
    )
    .action(async (name: string, options: Options) => {
      const made = await makeConnector(name, options, cli);
      if (made.kind === 'fault') {
        cli.end(1);
        if (options.json === true) return printJson(cli.out, { file: null, sentence: made.sentence });
        return writeAll(cli.out, `${printable(made.sentence)} Nothing is written.\n`);
      }
      const { file, stream, reasons } = made;
      const next = `npx pagekeeper connector try ${quoted(file)} ${stream}`;
      if (options.json === true) return printJson(cli.out, { file, stream, reasons, next });
      const lines = reasons.flatMap((reason) => wrapped(printable(`- ${reason}`), 79, '  '));
      await writeAll(
        cli.out,
        `${file} is written, after one request:\n${lines.join('\n')}\n\nRead it, and try it: ${next}\n`,
      );
    });
}

type Made =
  | {
      readonly kind: 'made';
      readonly file: string;
      readonly stream: string;
      readonly reasons: readonly string[];
    }
  /** Of the answer: what is at fault, and what to do. */
  | { readonly kind: 'fault'; readonly sentence: string };

async function makeConnector(name: string, options: Options, cli: Cli): Promise<Made> {
  if (!/^[a-z][a-z0-9-]{0,19}$/.test(name)) {
    throw new UsageError('The name takes 1 to 20 small letters, digits and hyphens, a letter first.');
  }
  const file = options.out ?? `./${name}.ts`;
  await mustNotBeThere(file);
  const url = urlGiven(options.url ?? (await cli.ask?.('URL of a list, as the vendor documents it: ')) ?? '');
  const baseUrl = options.baseUrl ?? baseOf(url);
  const asked = `How is the key sent? (${forms}) `;
  const form = options.auth ?? (await cli.ask?.(asked)) ?? '';
  const authentication = authenticationOf(form);
  const listPath = pathBelow(url, baseUrl);
  const stream = options.stream ?? nameOf(listPath);
  const title = options.title ?? `${name.charAt(0).toUpperCase()}${name.slice(1)}`;
  const skeleton = {
    name,
    title,
    baseUrl,
    authentication,
    limitScope: 'account',
    limitsPerMinute: {},
    timeoutSeconds: 60,
  };
  const about = `one of ${stream}`;
  const query = Object.fromEntries(url.searchParams);
  const request = { about, method: 'GET', path: listPath };
  const draft = mustBeGood({
    ...skeleton,
    streams: {
      [stream]: {
        ...request,
        ...(url.search !== '' && { query }),
        items: { path: [] },
        id: [[['id']]],
        paging: { kind: 'none' },
        grade: 'unverified',
      },
    },
  });

  const secret = await readSecretOf(draft, cli.variables, cli.askHidden);
  const answer = await askOnce(draft, stream, secret, cli.signal);
  const rows = rowsIn(answer, draft, stream, secret);
  if ('sentence' in rows) return { kind: 'fault', sentence: rows.sentence };
  const proposed = proposalFor(rows, { skeleton, request, stream, query: url.searchParams });
  const comments = new Map([['authentication', [`As it was given: ${form}.`]], ...proposed.comments]);
  const written = connectorText({
    from: moduleFor(file),
    heading: [
      'A proposal by pagekeeper connector new, made from one answer: what it could not see is a guess. Read it, correct it, and try it:',
      `  npx pagekeeper connector try ${quoted(file)} ${stream}`,
    ],
    connector: proposed.connector,
    comments,
  });
  await write(file, written);
  return { kind: 'made', file, stream, reasons: proposed.reasons };
}

/** @throws UsageError with the first thing that is wrong */
function mustBeGood(definition: object): Connector {
  const { connector, faults } = checkDefinition(definition);
  if (connector === null) throw new UsageError(`${faults[0] ?? 'The definition is wrong'}.`);
  return connector;
}

function askOnce(
  connector: Connector,
  stream: string,
  secret: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<VendorAnswer> {
  const definition = connector.streams[stream];
  if (definition === undefined) throw new Error(`There is no stream ${stream}`);
  const { baseUrl } = connector;
  const none = { position: null, pageSize: null, fields: null, orderBy: null };
  const request = buildRequest({ ...none, baseUrl, connector, definition, secret, now: systemClock.now() });
  return new KyVendor({ timeoutMs: 30_000, clock: systemClock }).call(request, signal);
}

type Answered = Extract<VendorAnswer, { kind: 'answered' }>;

interface Rows {
  readonly answer: Answered;
  readonly body: unknown;
  readonly found: FoundRows;
}

/** The rows, or what is at fault, in the words of `check`. */
function rowsIn(
  answer: VendorAnswer,
  connector: Connector,
  stream: string,
  secret: Readonly<Record<string, string>>,
): Rows | { readonly sentence: string } {
  const definition = connector.streams[stream];
  if (definition === undefined) throw new Error(`There is no stream ${stream}`);
  if (answer.kind === 'answered' && answer.status === 200 && answer.unreadable === undefined) {
    const body = jsonIn(answer.body);
    const found = body === undefined ? null : findRows(body);
    if (found !== null) return { answer, body, found };
    if (body !== undefined) {
      return {
        sentence:
          'The answer is JSON and has no list of objects, so it is not a list that can be synced; give the URL of one.',
      };
    }
  }
  const credentials = credentialTexts(connector, secret);
  const asked = { definition, position: null, privacy: nothingRedacted, fields: null, credentials };
  const { words } = findingOf(readAnswer(asked, answer), false, connector);
  return { sentence: `${words.charAt(0).toUpperCase()}${words.slice(1).replace(/\.$/, '')}.` };
}

function jsonIn(text: string): unknown {
  try {
    return parseJson(text);
  } catch {
    return undefined;
  }
}

interface Draft {
  readonly skeleton: object;
  readonly request: object;
  readonly stream: string;
  readonly query: URLSearchParams;
}

interface Proposed {
  readonly connector: Readonly<Record<string, unknown>>;
  readonly comments: readonly (readonly [string, readonly string[]])[];
  readonly reasons: readonly string[];
}

/** Of the candidates the first that the language can say: a definition that is checked and found good. */
function proposalFor({ answer, body, found }: Rows, { skeleton, request, stream, query }: Draft): Proposed {
  const items = proposeItems(found);
  const ids = proposeIds(found.rows, stream);
  const times = tellTimes(found.rows);
  const unsaid: string[] = [];
  for (const paging of proposePagings({ body, headers: answer.headers, query }, found)) {
    for (const id of found.rows.length === 0 ? [noRows] : ids) {
      const own = [...query].filter(([parameter]) => !paging.takes.includes(parameter));
      const definition = {
        ...request,
        ...(own.length > 0 && { query: Object.fromEntries(own) }),
        ...{ items: items.value, id: id.value, paging: paging.value, grade: 'unverified' },
      };
      const connector = { ...skeleton, streams: { [stream]: definition } };
      if (checkDefinition(connector).connector === null) continue;
      const at = (part: string): string => `streams.${stream}.${part}`;
      return {
        connector,
        comments: [
          [at('items'), [...items.reasons, ...times]],
          [at('id'), id.reasons],
          [at('paging'), [...unsaid, ...paging.reasons]],
          [
            at('grade'),
            ['Nobody but this answer has shown it: say vendor once the vendor’s documentation agrees.'],
          ],
        ],
        reasons: [...items.reasons, ...id.reasons, ...unsaid, ...paging.reasons, ...times],
      };
    }
    unsaid.push(`${paging.reasons[0] ?? ''} The language cannot say that (${String(paging.value['kind'])}).`);
  }
  throw new UsageError(
    `The rows of ${counted(found.rows.length, 'object')} have no field that tells them apart: none is unique, and no two are together.`,
  );
}

const noRows = {
  value: [[['id']]],
  reasons: ['The list is empty, so the id is a guess. Try it where the vendor has some rows.'],
};

/** @throws UsageError */
function urlGiven(text: string): URL {
  if (text === '')
    throw new UsageError('--url: give the URL of a list, such as https://api.acme.com/v1/users.');
  if (!URL.canParse(text) || !isSafeBaseUrl(text)) {
    throw new UsageError('--url takes an https URL without credentials in it; http: only on this machine.');
  }
  const url = new URL(text);
  if (url.pathname.replaceAll('/', '') === '') {
    throw new UsageError(
      '--url names a host alone; give the whole URL of a list, such as https://api.acme.com/v1/users.',
    );
  }
  return url;
}

function baseOf({ origin, pathname }: URL): string {
  const parts = pathname.split('/').filter((part) => part !== '');
  return [origin, ...parts.slice(0, -1)].join('/');
}

/** @throws UsageError */
function pathBelow({ origin, pathname }: URL, baseUrl: string): string {
  const whole = origin + pathname;
  if (!whole.startsWith(`${baseUrl}/`)) {
    throw new UsageError(
      '--base-url: the URL of the list does not begin with it; leave out its trailing slash.',
    );
  }
  return whole.slice(baseUrl.length);
}

/** `/team/User_Groups.json` -> `user-groups` */
function nameOf(listPath: string): string {
  const last = listPath.split('/').findLast((part) => part !== '') ?? '';
  const words = last
    .replace(/\.\w+$/, '')
    .replaceAll(/([a-z])([A-Z])/g, '$1-$2')
    .toLowerCase();
  const name = words
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^[^a-z]+|-+$/g, '')
    .slice(0, 40);
  return name === '' ? 'rows' : name;
}

/** @throws UsageError */
function authenticationOf(form: string): object {
  const [kind = '', name = ''] = form.split(/:(.*)/s);
  switch (kind) {
    case 'bearer':
      return { kind: 'header', header: 'Authorization', field: 'token', prefix: 'Bearer ' };
    case 'header':
      if (name !== '') return { kind: 'header', header: name, field: 'apiKey' };
      break;
    case 'query':
      if (name !== '') return { kind: 'query', parameter: name, field: 'apiKey' };
      break;
    case 'basic':
      return { kind: 'basic', username: 'username', password: 'password' };
  }
  throw new UsageError(`--auth takes one of ${forms}; NAME is that of the header or parameter.`);
}

/** In an app of one's own the package; in this repository, where there is none, its file. */
function moduleFor(file: string): string {
  const source = path.join(projectRoot, 'lib/connectors/connector.ts');
  if (ending !== '.ts') return 'pagekeeper/connector';
  const relative = path
    .relative(path.dirname(path.resolve(file)), source)
    .split(path.sep)
    .join('/');
  return relative.startsWith('.') ? relative : `./${relative}`;
}

async function mustNotBeThere(file: string): Promise<void> {
  const isThere = await access(file).then(
    () => true,
    () => false,
  );
  if (isThere)
    throw new UsageError(
      `${path.basename(file)} is there already, and is left as it is; --out names another file.`,
    );
}

/** @throws UsageError */
async function write(file: string, text: string): Promise<void> {
  try {
    await writeFile(file, text, { flag: 'wx' });
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'no reason given';
    throw new UsageError(`${path.basename(file)} cannot be written (${code}); --out names another file.`);
  }
}
