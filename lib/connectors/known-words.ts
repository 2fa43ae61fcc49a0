import { alsoNames, errorWords } from './error-words.ts';

/**
 * Of a vendor's text the words that are known, and `…` for all else: words of errors, names of the stream's own, and numbers from
 * 100 to 599, as HTTP has them. What is joined (`user_not_found`, `fieldId`, `project-4711`) is kept if every part of it is a known
 * word, so that no code can carry a name or an id. Null if nothing is left that says anything. For text that has been decoded.
 *
 * @param names in small letters, see `own-names.ts`
 */
export function knownWords(text: string, names: ReadonlySet<string>): string | null {
  const pieces = text
    .split(/\s+/)
    .filter((piece) => piece !== '')
    .map((piece) => readPiece(piece, names));
  const kept = withoutLoneNumbers(withoutNames(pieces));
  if (!kept.some(({ kind }) => kind === 'word')) return null;
  return collapsed(kept.map(({ shown }) => shown).join(' '));
}

/** Of the signs behind a word, the one that ends a sentence or a part of it. */
function ends(signs: string): string {
  return /[.,:;!?]/.exec(signs)?.[0] ?? '';
}

/** `… … …`, `…, …` and the like, as one. */
export function collapsed(text: string): string {
  return text.replace(/…(?:[\s"',.:;!?-]*…)+/g, '…').trim();
}

interface Piece {
  readonly kind: 'word' | 'number' | 'sign' | 'unknown';
  /** What stays of it. */
  readonly shown: string;
  /** Without the signs around it, as the vendor wrote it. */
  readonly core: string;
}

function readPiece(piece: string, names: ReadonlySet<string>): Piece {
  const [, before = '', core = '', after = ''] =
    /^([^\p{L}\p{N}]*)(.*?)([^\p{L}\p{N}]*)$/su.exec(piece) ?? [];
  if (core === '') return { kind: 'sign', shown: signs(piece), core };
  const kind = piece.includes('@') ? 'unknown' : kindOf(core, piece, names);
  return {
    kind,
    core,
    shown: kind === 'unknown' ? `…${ends(after)}` : `${signs(before)}${core}${signs(after)}`,
  };
}

/** Nobody's name is written in these, and a long row of them is drawn for its own sake. */
function signs(text: string): string {
  return text.replace(/[^!-~]/g, '').slice(0, 3);
}

function kindOf(core: string, piece: string, names: ReadonlySet<string>): Piece['kind'] {
  // A sign of money, a # or a % makes another number of it.
  if (/^[("'[]*[1-5]\d\d[)"'\],.:;!?]*$/.test(piece)) return 'number';
  if (/[^!-~]/.test(core)) return 'unknown';
  return isKnown(core, names) ? 'word' : 'unknown';
}

function isKnown(core: string, names: ReadonlySet<string>): boolean {
  if (names.has(asName(core)) || isErrorWord(core.toLowerCase().replace(/'s$/, ''))) return true;
  const parts = core.split(/[^A-Za-z0-9]+/).flatMap(humps);
  // Of single letters anything can be made up.
  return parts.every(
    (part) => part.length > 1 && (isErrorWord(part.toLowerCase()) || names.has(asName(part))),
  );
}

/** A field has more than one writing: `/work/site` is `work.site`. */
export function asName(text: string): string {
  return text.toLowerCase().replaceAll('/', '.').replace(/^\.+/, '');
}

/** `fieldId` is `field` and `Id`, `APIKey` is `API` and `Key`. */
function humps(text: string): string[] {
  return text.split(/(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])/);
}

/** @param word in small letters */
export function isErrorWord(word: string): boolean {
  return stemsOf(word).some((stem) => errorWords.has(stem));
}

/** The word itself, and what it would be without a syllable of grammar. */
function stemsOf(word: string): string[] {
  const forms = word.startsWith('un') && word.length >= 6 ? [word, word.slice(2)] : [word];
  return forms.flatMap((form) => [form, ...singularsOf(form), ...infinitivesOf(form)]);
}

function singularsOf(word: string): string[] {
  if (word.length < 4 || !/[^s]s$/.test(word)) return [];
  // keys, caches; entries; boxes
  return [word.slice(0, -1), word.replace(/ies$/, 'y'), word.replace(/(?<=s|x|z|ch|sh)es$/, '')];
}

function infinitivesOf(word: string): string[] {
  const start = /^(.{3,})(?:ed|ing)$/.exec(word)?.[1];
  if (start === undefined) return [];
  // expected, required, permitted, retried
  const infinitives = [start, `${start}e`, start.replace(/([bdglmnprt])\1$/, '$1'), start.replace(/i$/, 'y')];
  return infinitives.filter((infinitive) => infinitive.length >= 4);
}

/**
 * What may be a part of a name is taken for one beside another: `Grant Miller` and `A. Miller`, but not `Grant expired`. The same goes
 * for two capitals beside anything, as in the numbers of persons and of accounts.
 */
function withoutNames(pieces: readonly Piece[]): readonly Piece[] {
  const there = takeNames(pieces);
  return takeNames([...there].reverse()).reverse();
}

function takeNames(pieces: readonly Piece[]): Piece[] {
  const taken: Piece[] = [];
  for (const [index, piece] of pieces.entries()) {
    const beside = [taken.at(-1), pieces[index + 1]].filter((other) => other?.kind === 'unknown');
    const isPart =
      piece.kind === 'word' && beside.some((other) => other !== undefined && areOfOne(piece, other));
    taken.push(isPart ? { ...piece, kind: 'unknown', shown: '…' } : piece);
  }
  return taken;
}

function areOfOne(word: Piece, unknown: Piece): boolean {
  if (!isCapital(word)) return false;
  if (word.core.length <= 2) return isCapital(unknown) || word.core === word.core.toUpperCase();
  return alsoNames.has(word.core.toLowerCase()) && isCapital(unknown);
}

function isCapital({ core }: Piece): boolean {
  return /^\p{Lu}[\p{L}'.-]*$/u.test(core);
}

/** Numbers beside numbers are a telephone's, an account's or a date's. */
function withoutLoneNumbers(pieces: readonly Piece[]): readonly Piece[] {
  const hasDigit = (piece: Piece | undefined): boolean => piece !== undefined && /\p{N}/u.test(piece.core);
  return pieces.map((piece, index) =>
    piece.kind === 'number' && (hasDigit(pieces[index - 1]) || hasDigit(pieces[index + 1]))
      ? { ...piece, kind: 'unknown', shown: '…' }
      : piece,
  );
}
