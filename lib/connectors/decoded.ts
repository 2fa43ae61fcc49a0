/** How often a text is unwrapped: one who encodes twice is met with, one who does it more often wants to hide something. */
const maxRounds = 4;

const namedEntities: ReadonlyMap<string, string> = new Map([
  ['amp', '&'],
  ['lt', '<'],
  ['gt', '>'],
  ['quot', '"'],
  ['apos', "'"],
  ['nbsp', ' '],
]);

/**
 * A text as a person reads it: without the escapes of JSON, percent-encoding and HTML entities, however they are nested, without
 * invisible characters, and with full-width and typographic signs as the plain ones (`jane＠example.com`). Never throws.
 */
export function decoded(text: string): string {
  let current = plain(text);
  for (let round = 0; round < maxRounds; round++) {
    const next = plain(withoutPercent(withoutEntities(withoutEscapes(current))));
    if (next === current) break;
    current = next;
  }
  return current;
}

/** NFKC has no plain sign for these. */
const plainSigns: readonly (readonly [RegExp, string])[] = [
  [/[‘’‚‛′]/g, "'"],
  [/[“”„‟″«»]/g, '"'],
  [/[‐-―−]/g, '-'],
  [/\p{Default_Ignorable_Code_Point}|\p{Cf}/gu, ''],
];

function plain(text: string): string {
  return plainSigns.reduce((left, [sign, by]) => left.replace(sign, by), text.normalize('NFKC'));
}

function withoutEscapes(text: string): string {
  return text
    .replace(/\\(?:u([0-9a-f]{4})|u\{([0-9a-f]{1,6})\}|x([0-9a-f]{2}))/gi, (whole, ...codes: string[]) =>
      characterOf(Number.parseInt(codes.slice(0, 3).find((code) => code) ?? '', 16), whole),
    )
    .replace(/\\[nrt]/g, ' ')
    .replace(/\\(["'\\/])/g, '$1');
}

function withoutEntities(text: string): string {
  return text.replace(
    /&(?:#x([0-9a-f]{1,6})|#(\d{1,7})|([a-z]{2,4}));?/gi,
    (whole, hex?: string, decimal?: string, name?: string) =>
      name === undefined
        ? characterOf(hex === undefined ? Number(decimal) : Number.parseInt(hex, 16), whole)
        : (namedEntities.get(name.toLowerCase()) ?? whole),
  );
}

function withoutPercent(text: string): string {
  return text.replace(/(?:%[0-9a-f]{2})+/gi, (encoded) => {
    try {
      return decodeURIComponent(encoded);
    } catch {
      return encoded;
    }
  });
}

function characterOf(code: number, otherwise: string): string {
  return Number.isNaN(code) || code > 0x10_ff_ff ? otherwise : String.fromCodePoint(code);
}
