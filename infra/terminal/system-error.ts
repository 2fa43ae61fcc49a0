/** What the operating system refuses of files and folders, by its code: what a person can do about it. */
const sentences: Readonly<Record<string, (where: string) => string>> = {
  ENOSPC: (where) => `No space is left on the disk${where}. Free some, or use a folder on another disk.`,
  EDQUOT: (where) => `The quota of disk space is used up${where}. Free some, or use another folder.`,
  EROFS: (where) => `The disk can only be read${where}. Use a folder that can be written.`,
  EACCES: (where) => `This user has no permission to read or write${where}. Use a folder of your own.`,
  EPERM: (where) => `This user has no permission to read or write${where}. Use a folder of your own.`,
  ENOENT: (where) => `A folder on the way, or the file, is not there${where}. Make it, or use another path.`,
  ENOTDIR: (where) => `A file is where a folder is needed${where}. Use another path.`,
  EISDIR: (where) => `A folder is where a file is needed${where}. Use another path.`,
  EFBIG: (where) => `The file is larger than this user may write${where}. Raise the limit: ulimit -f`,
  EMFILE: (where) => `This process may open no more files${where}. Raise the limit: ulimit -n 4096`,
};

/** These are about files whatever the call; the others are as well about ports, processes and hosts. */
const alwaysOfFiles = new Set(['ENOSPC', 'EDQUOT', 'EROFS', 'EFBIG', 'EMFILE']);
const callsOfFiles =
  'access|chmod|copyfile|fstat|ftruncate|link|lstat|mkdir|mkdtemp|open|opendir|read|readdir|readlink|realpath|rename|rmdir|scandir|stat|symlink|unlink|utime|write';

/** As Node writes it, alone or within the text of another process: `EACCES: permission denied, mkdir '/data'`. */
const inText = new RegExp(
  `\\b(${Object.keys(sentences).join('|')}): [a-z -]+, (?:${callsOfFiles})\\b(?: '(/[^']+)')?`,
);

/** As SQLite writes it, which names no file. */
const ofSqlite = 'database or disk is full';

/** As LevelDB writes it, which gives no code: `IO error: /data/000003.log: No space left on device`. */
const ofLevelDb = /\bIO error: (\/[^:]+): (.*)$/;
const codesOfWords: Readonly<Record<string, string>> = {
  'No space left on device': 'ENOSPC',
  'Disk quota exceeded': 'EDQUOT',
  'Read-only file system': 'EROFS',
  'Permission denied': 'EACCES',
  'Too many open files': 'EMFILE',
};

/**
 * A full disk, a folder that cannot be written and the like, in one sentence for the person who started the command. They come
 * as Node's errors, wrapped by a library, or as the text of another process.
 * @returns null if it is something else
 */
export function systemErrorInWords(error: unknown): string | null {
  for (const one of causesOf(error)) {
    const found = ofNode(one) ?? inWordsOf(one.message);
    if (found !== null)
      return sentences[found.code]?.(found.path === undefined ? '' : ` (${found.path})`) ?? null;
  }
  return null;
}

interface Refused {
  readonly code: string;
  readonly path: string | undefined;
}

function causesOf(error: unknown): readonly Error[] {
  return error instanceof Error ? [error, ...causesOf(error.cause)] : [];
}

function ofNode({ code = '', path, syscall = '' }: NodeJS.ErrnoException): Refused | null {
  const isOfFiles = alwaysOfFiles.has(code) || new RegExp(`^(?:${callsOfFiles})$`).test(syscall);
  return Object.hasOwn(sentences, code) && isOfFiles ? { code, path } : null;
}

function inWordsOf(message: string): Refused | null {
  const [, code, path] = inText.exec(message) ?? [];
  if (code !== undefined) return { code, path };
  if (message.includes(ofSqlite)) return { code: 'ENOSPC', path: undefined };
  const [, file, words = ''] = ofLevelDb.exec(message) ?? [];
  const known = codesOfWords[words.trim()];
  return known === undefined ? null : { code: known, path: file };
}
