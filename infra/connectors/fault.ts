import { mayBeSecret } from '../terminal/shown-value.ts';

/** Where in a definition something is wrong. */
export interface Place {
  readonly connector: string;
  readonly stream?: string;
  /** Dotted: `paging.pageSize.max`. */
  readonly field?: string;
}

/** One sentence: the connector, the stream, the field, and what to do. @param rule begins with a verb: "must be ..." */
export function fault({ connector, stream, field }: Place, rule: string): string {
  const place = [
    `connector ${printable(connector)}`,
    ...(stream === undefined ? [] : [`stream ${printable(stream)}`]),
    ...(field === undefined || field === '' ? [] : [field.split('.').map(printable).join('.')]),
  ];
  return `${place.join(', ')}: ${rule}`;
}

/** A key may have been pasted in the place of a name. */
function printable(name: string): string {
  return mayBeSecret(name) && !isName(name) ? '…' : name;
}

/** As connectors and streams have them: they are in every log. */
function isName(text: string): boolean {
  return /^[a-z][a-z0-9-]{0,39}$/.test(text);
}
