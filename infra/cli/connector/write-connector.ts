import { wrapped } from '../../terminal/words.ts';

/** A connector as a file of TypeScript, with the reasons for its parts as comments. */
export interface ConnectorText {
  /** What `defineConnector` is imported from. */
  readonly from: string;
  readonly heading: readonly string[];
  readonly connector: Readonly<Record<string, unknown>>;
  /** By dotted place: `streams.users.id`. */
  readonly comments: ReadonlyMap<string, readonly string[]>;
}

const width = 110;

export function connectorText({ from, heading, connector, comments }: ConnectorText): string {
  const body = literal(connector, '', '', comments);
  return [
    ...comment(heading, ''),
    `import { defineConnector } from ${text(from)};`,
    '',
    `export default defineConnector(${body});`,
    '',
  ].join('\n');
}

function literal(value: unknown, indent: string, place: string, comments: ConnectorText['comments']): string {
  if (typeof value === 'string') return text(value);
  if (Array.isArray(value))
    return `[${value.map((one) => literal(one, indent, place, comments)).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return String(value);
  const inner = `${indent}  `;
  const entries = Object.entries(value).map(([key, one]) => {
    const where = place === '' ? key : `${place}.${key}`;
    return { where, key, written: `${nameOf(key)}: ${literal(one, inner, where, comments)}` };
  });
  const short = `{ ${entries.map(({ written }) => written).join(', ')} }`;
  const hasComment = [...comments.keys()].some((one) => place === '' || one.startsWith(`${place}.`));
  if (entries.length === 0) return '{}';
  if (!hasComment && !short.includes('\n') && indent.length + short.length < 90) return short;
  const lines = entries.flatMap(({ where, written }) => [
    ...comment(comments.get(where) ?? [], inner),
    `${inner}${written},`,
  ]);
  return `{\n${lines.join('\n')}\n${indent}}`;
}

function comment(sentences: readonly string[], indent: string): readonly string[] {
  return sentences.flatMap((sentence) =>
    wrapped(printed(sentence), width - indent.length - 3, '').map((line) => `${indent}// ${line}`),
  );
}

/** Names of the vendor's may hold anything; a comment ends with its line. */
function printed(sentence: string): string {
  return sentence.replaceAll(/[\p{Cc}\p{Cf}\u2028\u2029]+/gu, ' ');
}

function nameOf(key: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(key) ? key : text(key);
}

function text(value: string): string {
  const escaped = JSON.stringify(value).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'");
  return `'${escaped.replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029')}'`;
}
