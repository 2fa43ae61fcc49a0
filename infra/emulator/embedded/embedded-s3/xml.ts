/** An element with its content, which is text, or elements one after the other. */
export type Xml = readonly [name: string, content: string | number | boolean | readonly Xml[]];

const namespace = 'http://s3.amazonaws.com/doc/2006-03-01/';

export function documentOf([name, content]: Xml): string {
  const root = name === 'Error' ? `<${name}>` : `<${name} xmlns="${namespace}">`;
  return `<?xml version="1.0" encoding="UTF-8"?>\n${root}${inner(content)}</${name}>`;
}

function inner(content: Xml[1]): string {
  if (typeof content !== 'object') return escaped(String(content));
  return content.map(([name, below]) => `<${name}>${inner(below)}</${name}>`).join('');
}

/** What XML cannot hold as it is, and the ends of lines, which a reader may change. */
function escaped(text: string): string {
  // eslint-disable-next-line no-control-regex
  return text.replace(/[&<>"\u0000-\u001f\u007f]/g, (one) => `&#${String(one.charCodeAt(0))};`);
}

const named: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

/** The text of every element of a name, in documents that have neither attributes nor CDATA in it: those of the SDK. */
export function textsOf(name: string, xml: string): string[] {
  return [...xml.matchAll(new RegExp(`<${name}>([^<]*)</${name}>`, 'g'))].map(([, text = '']) =>
    text.replace(/&(?:#x([0-9a-f]+)|#([0-9]+)|([a-z]+));/gi, (entity, hex, decimal, word) => {
      if (typeof word === 'string') return named[word] ?? entity;
      return String.fromCodePoint(typeof hex === 'string' ? Number.parseInt(hex, 16) : Number(decimal));
    }),
  );
}
