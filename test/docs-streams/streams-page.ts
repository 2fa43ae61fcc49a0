import path from 'node:path';

import { format, resolveConfig } from 'prettier';

import {
  endpointOf,
  idParts,
  isFull,
  type Connector,
  type JsonPath,
  type Paging,
  type StreamDefinition,
} from '../../lib/connectors/connector.ts';
import { inWords, publishedLimits, scopesOf } from '../../lib/connectors/limits.ts';

/** docs/streams.md: all that can be synced, from the definitions themselves. */
export async function streamsPage(connectors: readonly Connector[]): Promise<string> {
  const page = [introduction, ...connectors.map(sectionOf)].join('\n\n');
  const config = await resolveConfig(path.join(import.meta.dirname, '../../docs/streams.md'));
  return format(page, { ...config, parser: 'markdown' });
}

const introduction = `# Streams

Written by \`npm run streams -- --write\` from [the definitions](../lib/connectors): change those, and not this page.

A connection has the streams that are named under \`connections.NAME.streams\` in \`cdk.json\`, and where that is left out those that are on by default:
\`"bob": { "streams": { "people": {}, "lifecycle": {} } }\` has these two and no other. The grades say how sure the facts are, see [connectors](connectors.md#grades); on an account of ours nothing has been tried.
What is sensitive (pay, health, identity), has to be bought from the vendor as a module, or rests on \`code\` or \`unverified\` alone is never on by default.

A \`full\` run is given all that there is, and what does not come has been deleted; an \`incremental\` one is given what is new, and deletes nothing. Where an id has several names the first that a row has counts.

Of any stream \`fields.omit\` names what is not stored, and \`fields.mask\` that of which only a keyed hash is stored, but for its id: see [the settings](deploy.md#settings). What is sensitive is stored whole unless they say otherwise.`;

function sectionOf(connector: Connector): string {
  const streams = Object.entries(connector.streams);
  const head = [
    ...['stream', 'a row is', 'endpoint', 'asked for', 'id', 'mode', 'limit'],
    ...['sensitive', 'module', 'by default', 'grade'],
  ];
  const rows = streams.map(([name, definition]) => [
    `\`${name}\``,
    definition.about,
    `\`${endpointOf(definition)}\``,
    askedFor(definition),
    idOf(definition),
    isFull(definition) ? 'full' : 'incremental',
    limitOf(connector, definition),
    definition.sensitive === true ? 'sensitive' : '',
    definition.module ?? '',
    definition.default === true ? 'on' : '',
    `\`${definition.grade}\``,
  ]);
  return [`## ${connector.title}`, table(head, rows), paramsOf(streams)].join('\n\n').trimEnd();
}

function paramsOf(streams: readonly (readonly [string, StreamDefinition])[]): string {
  const rows = streams.flatMap(([stream, { params = {} }]) =>
    Object.entries(params).map(([name, { meaning, pattern, many }]) => [
      `\`${stream}\``,
      `\`${name}\``,
      meaning,
      many === true ? 'a list of texts' : 'a text',
      `\`${pattern}\``,
    ]),
  );
  if (rows.length === 0) return '';
  return `What has to be told, in \`params\` of the stream:\n\n${table(
    ['stream', 'param', 'meaning', 'given as', 'matches'],
    rows,
  )}`;
}

function askedFor(definition: StreamDefinition): string {
  const { paging, windows, parents, batches, cap } = definition;
  const parts = [pagingOf(paging)];
  if (windows !== undefined) {
    const { days, historyDays, lookBackHours } = windows;
    parts.push(
      `in windows of ${number(days)} days, the first ${number(historyDays)} days ago, later ones ${number(lookBackHours)} hours back`,
    );
  }
  if (parents !== undefined) {
    const each = 'stream' in parents ? `record of \`${parents.stream}\`` : `of the \`${parents.param}\``;
    parts.push(`for each ${each}`);
  }
  if (batches !== undefined) {
    parts.push(`over ${number(batches.over)} rows in batches of ${number(batches.size)} ids`);
  }
  if (cap !== undefined) parts.push(`at ${number(cap)} rows the vendor stops, and the run is \`partial\``);
  return parts.join('; ');
}

function pagingOf(paging: Paging): string {
  switch (paging.kind) {
    case 'none':
      return 'one answer';
    case 'offset':
      return `offset, ${number(paging.pageSize.default)} at a time`;
    case 'page':
    case 'link':
      return `${paging.kind === 'page' ? 'page number' : 'the next page’s URL'}, ${
        paging.pageSize === undefined ? 'as many as the vendor gives' : number(paging.pageSize.default)
      } at a time`;
    case 'keyset':
      return `the last row’s ${Object.keys(paging.after).join(', ')}, ${number(paging.pageSize.default)} at a time`;
    case 'cursor':
      return `cursor${paging.within === undefined ? '' : ' in the body'}, ${number(paging.pageSize.default)} at a time`;
    case 'file':
      return `a file, looked for every ${number(paging.pollSeconds)} s`;
  }
}

function idOf(definition: StreamDefinition): string {
  if (definition.id === 'hash') return 'a hash of the row';
  return idParts(definition)
    .map((paths) => [...new Set(paths.map(nameOf))].map((name) => `\`${name}\``).join(' or '))
    .join(', ');
}

/** Bob's `{value}` is the field's form, and no name of its own. */
function nameOf(keys: JsonPath): string {
  return (keys.at(-1) === 'value' ? keys.slice(0, -1) : keys).join('.');
}

function limitOf(connector: Connector, definition: StreamDefinition): string {
  const limits = scopesOf(connector).flatMap((part) => publishedLimits(connector, part, definition));
  return limits.length === 0 ? 'not published' : limits.map(inWords).join(', ');
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

function number(value: number): string {
  return value.toLocaleString('en-US');
}
