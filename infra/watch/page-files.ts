import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';

export interface PageFile {
  readonly type: string;
  readonly body: Buffer;
}

const folder = path.resolve(import.meta.dirname, './page');

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
};

/** All that is ever served, by path, read once: no request reaches the file system. */
export async function readPageFiles(): Promise<ReadonlyMap<string, PageFile>> {
  const names = (await readdir(folder)).filter((name) => path.extname(name) in types);
  const files = await Promise.all(
    names.map(async (name): Promise<readonly [string, PageFile]> => {
      const body = await readFile(path.join(folder, name));
      return [name === 'index.html' ? '/' : `/${name}`, { type: types[path.extname(name)] ?? '', body }];
    }),
  );
  return new Map(files);
}
