import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { copyFile, link, mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { beforeAll, describe, expect, it } from 'vitest';

import {
  buildBundle,
  bundleEntries,
  type Bundle,
  type BundleEntry,
} from '../../../infra/constructs/build-bundle.ts';
import { projectRoot } from '../../../infra/settings/project.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

/** Everything that a bundle is made of, and what says how: in the same places below another root. */
async function copyInto(root: string, { metafile }: Bundle): Promise<void> {
  const needed = new Set(['tsconfig.json']);
  for (const file of Object.keys(metafile.inputs)) {
    needed.add(file);
    // Of a package that was compiled, so that the map leads to what its authors wrote.
    needed.add(`${file}.map`);
    for (let above = path.dirname(file); ; above = path.dirname(above)) {
      needed.add(path.join(above, 'package.json'));
      if (above === '.') break;
    }
  }
  for (const file of needed) {
    const [from, to] = [path.join(projectRoot, file), path.join(root, file)];
    if (!existsSync(from) || existsSync(to)) continue;
    await mkdir(path.dirname(to), { recursive: true });
    await link(from, to).catch(() => copyFile(from, to));
  }
}

const text = (content: Uint8Array | undefined) => Buffer.from(content ?? []).toString('utf8');

describe.each([...bundleEntries])('the bundle of %s', (entry: BundleEntry) => {
  let here: Bundle;
  beforeAll(() => {
    here = buildBundle(entry);
  });

  it('is a module and its source map', () => {
    expect([...here.files.keys()].sort()).toEqual(['index.mjs', 'index.mjs.map']);
    expect(text(here.files.get('index.mjs'))).toMatch(/\n\/\/# sourceMappingURL=index\.mjs\.map\n$/);
  });

  it('names its sources as they lie in the project, and no folder of this machine', () => {
    const map = JSON.parse(text(here.files.get('index.mjs.map'))) as { sources: string[] };
    expect(map.sources).toContain(`functions/${entry}.ts`);
    expect(map.sources.filter((source) => !/^(functions|lib|node_modules)\//.test(source))).toEqual([]);
    expect(map).not.toHaveProperty('sourcesContent');
    for (const content of here.files.values()) expect(text(content)).not.toContain(projectRoot);
  });

  it('holds nothing but its entry, lib and packages: no simulator, no emulator', () => {
    const files = Object.keys(here.metafile.inputs);
    expect(files.some((file) => file.startsWith('lib/connectors/'))).toBe(true);
    expect(files.filter((file) => !/^(functions|lib|node_modules)\/|^package\.json$/.test(file))).toEqual([]);
  });

  it('throws with the lines of its sources', async () => {
    await using folder = await temporaryFolder();
    for (const [name, content] of here.files) await writeFile(path.join(folder.path, name), content);
    // Without its environment it does not start.
    const { stderr } = spawnSync(process.execPath, ['--enable-source-maps', 'index.mjs'], {
      cwd: folder.path,
      env: {},
      encoding: 'utf8',
    });
    expect(stderr).toMatch(/ at \S+ \(\S+\/lib\/runtime\/environment\.ts:\d+:\d+\)/);
    expect(stderr).toMatch(new RegExp(` at .*/functions/${entry}\\.ts:\\d+:\\d+`));
  });
});

it.each<[BundleEntry, string]>([
  ['queued-sync', 'a/much/deeper/place'],
  ['scheduled-sync', 'with a blank/and ü'],
  ['watchdog', 'node_modules/inside'],
  ['watchdog', 'functions'],
])('the bundle of %s is the same, byte for byte, in a project at %s', async (entry, place) => {
  await using folder = await temporaryFolder();
  const here = buildBundle(entry);
  const root = path.join(folder.path, place);
  await copyInto(root, here);
  const there = buildBundle(entry, root);
  for (const [name, content] of here.files) {
    expect(Buffer.compare(content, there.files.get(name) ?? Buffer.alloc(0)), name).toBe(0);
  }
});
