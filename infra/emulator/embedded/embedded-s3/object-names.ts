/**
 * Where an object's file is, below the folder of its bucket. A key is cut at its slashes: `a/b.gz` is the file `b.gz~` in the
 * folder `a`. Whatever is no small letter, digit, hyphen, underscore or dot is written as percent and two digits, a dot at the
 * beginning too: so no key leads out of the folder, and keys that differ do so on disks that take `A` for `a`.
 *
 * The tilde is there because `a` and `a/b` may both be objects, and a plus ends what goes on in the folder below: a name on disk
 * has 255 bytes at most, and a key 1,024. All that is in a folder is in the order of the keys, by the bytes of their pieces.
 */

/** Written out, three times as many; the same for all, so that what begins alike stays together. */
const pieceBytes = 80;
const maxKeyBytes = 1024;
const slash = 0x2f;

export interface Piece {
  /** What it adds to the key. */
  readonly key: Buffer;
  readonly isObject: boolean;
}

/** @returns the names of folders, and at the end of the file; undefined for a key that is empty or too long. */
export function pathOf(key: string): readonly string[] | undefined {
  const bytes = Buffer.from(key);
  if (bytes.length === 0 || bytes.length > maxKeyBytes) return undefined;
  const names = key.split('/').flatMap((segment) => namesOf(Buffer.from(segment)));
  const file = names.pop() ?? '';
  return [...names, `${file}~`];
}

/** What a name on disk stands for; undefined for one that nothing here has made. */
export function pieceOf(name: string, isFolder: boolean): Piece | undefined {
  const [, written, end = ''] = /^((?:[a-z0-9_.-]|%[0-9a-f]{2})*|%)([~+]?)$/.exec(name) ?? [];
  if (written === undefined || isFolder === (end === '~')) return undefined;
  const bytes = Buffer.from(
    (written === '%' ? '' : written).replace(/%([0-9a-f]{2})/g, (_, hex: string) =>
      String.fromCharCode(Number.parseInt(hex, 16)),
    ),
    'latin1',
  );
  const key = end === '' ? Buffer.concat([bytes, Buffer.of(slash)]) : bytes;
  return { key, isObject: !isFolder };
}

function namesOf(segment: Buffer): string[] {
  const names: string[] = [];
  let rest = segment;
  for (; rest.length >= pieceBytes; rest = rest.subarray(pieceBytes)) {
    names.push(`${written(rest.subarray(0, pieceBytes))}+`);
  }
  return [...names, written(rest)];
}

function written(piece: Buffer): string {
  const text = piece
    .toString('latin1')
    .replace(/^\.|[^a-z0-9_.-]/g, (character) => `%${character.charCodeAt(0).toString(16).padStart(2, '0')}`);
  return text === '' ? '%' : text;
}
