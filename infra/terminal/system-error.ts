/** What a person can do about what the operating system refused, by its code. The path is absolute. */
const sentences: Readonly<Record<string, (where: string) => string>> = {
  ENOSPC: (where) =>
    `No space is left on the disk${where}. Free some, or use a folder on another disk (--data).`,
  EDQUOT: (where) => `The quota of disk space is used up${where}. Free some, or use another folder (--data).`,
  EROFS: (where) => `The disk can only be read${where}. Use a folder that can be written (--data).`,
  EACCES: (where) =>
    `This user has no permission to read or write${where}. Use a folder of your own (--data).`,
  EPERM: (where) =>
    `This user has no permission to read or write${where}. Use a folder of your own (--data).`,
  EMFILE: (where) => `This process may open no more files${where}. Raise the limit: ulimit -n 4096`,
};

/** As LevelDB has them, which gives no code. */
const codesOfWords: Readonly<Record<string, string>> = {
  'no space left on device': 'ENOSPC',
  'disk quota exceeded': 'EDQUOT',
  'read-only file system': 'EROFS',
  'permission denied': 'EACCES',
  'too many open files': 'EMFILE',
};

const codeIn = new RegExp(`\\b(?:${Object.keys(sentences).join('|')})\\b`);
const wordsIn = new RegExp(Object.keys(codesOfWords).join('|'), 'i');

/**
 * A full disk, a folder that cannot be written and the like, in one sentence for the person who started the command. They come
 * as Node's errors, wrapped by a library, or as the text of another process.
 * @returns null if it is something else
 */
export function systemErrorInWords(error: unknown): string | null {
  for (const one of causesOf(error)) {
    const { code, path } = one as NodeJS.ErrnoException;
    const { message } = one;
    const found = code !== undefined && code in sentences ? code : codeOf(message);
    if (found !== undefined) return sentences[found]?.(whereOf(path ?? pathIn(message))) ?? null;
  }
  return null;
}

function causesOf(error: unknown): readonly Error[] {
  return error instanceof Error ? [error, ...causesOf(error.cause)] : [];
}

function codeOf(message: string): string | undefined {
  const words = wordsIn.exec(message)?.[0].toLowerCase();
  return codeIn.exec(message)?.[0] ?? (words && codesOfWords[words]);
}

/** Node quotes it; LevelDB has it between colons. */
function pathIn(message: string): string | undefined {
  return /'(\/[^']+)'/.exec(message)?.[1] ?? /(?:^|: )(\/[^:]+): /.exec(message)?.[1];
}

function whereOf(path: string | undefined): string {
  return path === undefined ? '' : ` (${path})`;
}
