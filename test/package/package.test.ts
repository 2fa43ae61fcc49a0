import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';

import { buildSync } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { temporaryFolder, type TemporaryFolder } from '../support/temporary-folder.ts';
import { appWith, pack, type App, type Packed } from './packed.ts';

const command = 'node_modules/pagekeeper/bin/pagekeeper.js';
const settings = { connections: { mobaro: { streams: { locations: {} } } } };

/** As a Node that is too old says it, and without what it lacks. */
const old = `data:text/javascript,Object.defineProperty(process,'versions',{value:{node:'20.20.2'}});delete JSON.rawJSON;delete JSON.isRawJSON`;

let place: TemporaryFolder;
let packed: Packed;
let app: App;
beforeAll(async () => {
  place = await temporaryFolder();
  packed = await pack(place.path);
  app = await appWith(packed.tarball, {
    'cdk.json': JSON.stringify({ app: 'node app.ts', context: { pagekeeper: settings } }),
    'app.ts': `import { synthesizeApp } from 'pagekeeper'; synthesizeApp();`,
  });
});
afterAll(async () => {
  await app[Symbol.asyncDispose]();
  await place[Symbol.asyncDispose]();
});

describe('the packed file', () => {
  const names = (): readonly string[] => packed.files.map((file) => file.path);

  it('takes less than 3 MB when it is unpacked', () => {
    expect(packed.unpackedBytes).toBeGreaterThan(1_000_000);
    expect(packed.unpackedBytes).toBeLessThan(3_000_000);
  });

  it('has no package.json but its own, which would be the package of all files beside it', () => {
    expect(names().filter((name) => name.endsWith('package.json'))).toEqual(['package.json']);
  });

  it('has JavaScript alone, the page, and maps of what goes into functions', () => {
    const endings = new Set(names().map((name) => /(\.d)?\.\w+(\.map)?$/.exec(name)?.[0]));
    expect([...endings].toSorted()).toEqual(
      [undefined, '.css', '.d.ts', '.html', '.js', '.js.map', '.json', '.md', '.svg'].toSorted(),
    );
    expect(names()).toContain('dist/infra/watch/page/index.html');
    const mapped = names().filter((name) => name.endsWith('.map'));
    expect(mapped).toContain('dist/functions/queued-sync.js.map');
    expect(mapped.filter((name) => !/^dist\/(functions|lib)\/(?!operations\/)/.test(name))).toEqual([]);
  });
});

describe('what the package exports', () => {
  it.each([
    [
      'pagekeeper',
      ['Pagekeeper', 'PagekeeperApp', 'PagekeeperStack', 'SettingsError', 'readSettings', 'synthesizeApp'],
    ],
    ['pagekeeper/readers', ['readChanges', 'readChangesAt', 'readRecords']],
    ['pagekeeper/acceptance', ['accept', 'checks']],
    ['pagekeeper/connector', ['bob', 'defineConnector', 'mobaro']],
  ])('%s is there', async (name, exported) => {
    const script = `import * as it from '${name}'; console.log(JSON.stringify(Object.keys(it)))`;
    const { stdout, stderr } = await app.node(['--input-type=module', '--eval', script]);
    expect(stderr).toBe('');
    expect(JSON.parse(stdout)).toEqual(expect.arrayContaining(exported));
  });

  it.each(['connector', 'readers', 'acceptance'])('pagekeeper/%s brings no CDK along', (name) => {
    const { metafile } = buildSync({
      ...{ bundle: true, platform: 'node', format: 'esm', write: false, metafile: true, logLevel: 'silent' },
      stdin: { contents: `export * from 'pagekeeper/${name}';`, resolveDir: app.folder },
      absWorkingDir: app.folder,
    });
    expect(Object.keys(metafile.inputs).length).toBeGreaterThan(1);
    expect(Object.keys(metafile.inputs).filter((file) => file.includes('aws-cdk-lib'))).toEqual([]);
  });

  it('has types, with nothing else that has to be known', async () => {
    await using typed = await appWith(packed.tarball, {
      'all.ts': `
import { Stack } from 'aws-cdk-lib';
import { Pagekeeper, synthesizeApp, type SettingsInput } from 'pagekeeper';
import type { Connector } from 'pagekeeper/connector';
import { readRecords } from 'pagekeeper/readers';
import { accept } from 'pagekeeper/acceptance';

export const settings: SettingsInput = { stage: 'dev' };
export const adjust = () => synthesizeApp((app) => { const name: string = app.stack.stackName; void name; });
export const tried = (connector: Connector) => accept(connector, 'things');
export const own = (connector: Connector) => new Pagekeeper(new Stack(), 'P', { connections: { acme: { connector } } }).recordsTable;
export const ids = async () => { for await (const { id } of readRecords('a/b', { table: 't' })) { const text: string = id; void text; } };
// @ts-expect-error: it is a number
export const wrong: SettingsInput = { retentionDays: 'long' };`,
      'tsconfig.json': JSON.stringify({
        compilerOptions: {
          ...{ module: 'nodenext', target: 'es2024', strict: true, noEmit: true, types: ['node'] },
          ...{ skipLibCheck: true, exactOptionalPropertyTypes: true },
        },
        files: ['all.ts'],
      }),
    });
    expect(await typed.node(['node_modules/typescript/bin/tsc', '--project', '.'])).toEqual({
      ...{ status: 0, stdout: '', stderr: '' },
    });
  });
});

describe('an app that it is installed in', () => {
  it('synthesizes into its own folder, with functions that hold no CDK', async () => {
    const { status, stderr } = await app.node(['app.ts']);
    expect(stderr).not.toContain('Error');
    expect(status).toBe(0);
    const out = path.join(app.folder, 'cdk.out');
    const bundles = readdirSync(out).filter((name) => name.startsWith('asset.') && !name.endsWith('.zip'));
    expect(bundles.length).toBeGreaterThan(3);
    for (const name of bundles) {
      const code = readFileSync(path.join(out, name, 'index.mjs'));
      expect(code.length).toBeLessThan(2_000_000);
      const map = JSON.parse(readFileSync(path.join(out, name, 'index.mjs.map'), 'utf8')) as {
        sources: string[];
      };
      expect(map.sources.filter((source) => source.includes('aws-cdk-lib'))).toEqual([]);
      expect(map.sources.some((source) => /(^|\/)functions\/[a-z-]+\.ts$/.test(source))).toBe(true);
    }
  });

  it('says a wrong setting in a sentence', async () => {
    const wrong = JSON.stringify({ app: 'node app.ts', context: { pagekeeper: { stagee: 'dev' } } });
    await using other = await appWith(packed.tarball, {
      'cdk.json': wrong,
      'app.ts': `import { synthesizeApp } from 'pagekeeper'; synthesizeApp();`,
    });
    expect(await other.node(['app.ts'])).toEqual({
      status: 1,
      stdout: '',
      stderr: expect.stringMatching(/^pagekeeper\.stagee: [^\n]+\n$/),
    });
  });

  it('runs on this machine, and keeps its data in its own folder, not in node_modules', async () => {
    await mkdir(path.join(app.folder, 'src'), { recursive: true });
    const start = await app.node([`../${command}`, 'start', '--json'], 'src');
    expect(JSON.parse(start.stdout)).toMatchObject({ streams: [{ outcome: 'complete' }] });
    expect(start.status).toBe(0);
    expect(existsSync(path.join(app.folder, '.pagekeeper', 'pagekeeper.json'))).toBe(true);
    expect(readdirSync(app.installed).toSorted()).toEqual(
      ['CHANGELOG.md', 'LICENSE', 'README.md', 'bin', 'dist', 'package.json'].toSorted(),
    );
    const { stdout, status } = await app.node([command, 'status']);
    expect(status).toBe(0);
    expect(stdout).toMatch(/ mobaro\/locations {2}idle /);
  });

  it.each(['mobaro', 'bob', 'new'] as const)(
    'is written by init for %s: it synthesizes, and its test passes',
    async (vendor) => {
      await using written = await appWith(packed.tarball);
      const { status, stderr } = await written.node(['--import', old, command, 'init', '--vendor', vendor]);
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
      expect((await written.node(['app.ts'])).status).toBe(0);
      expect(existsSync(path.join(written.folder, 'cdk.out', 'Pagekeeper.template.json'))).toBe(true);
      const types = await written.node(['node_modules/typescript/bin/tsc', '--project', '.']);
      expect(types).toEqual({ status: 0, stdout: '', stderr: '' });
      const tested = await written.node(['--test', 'test/**/*.test.ts']);
      expect(tested.stdout).toMatch(/^# pass [1-9]\d*$|^ℹ pass [1-9]\d*$/m);
      expect(tested.status).toBe(0);
    },
  );

  it('is told what to do where there is no cdk.json, and where Node is too old', async () => {
    await using empty = await appWith(packed.tarball);
    expect(await empty.node([command, 'start'])).toEqual({
      status: 2,
      stdout: '',
      stderr: `There is no cdk.json in ${empty.folder}, nor in a folder above it: go into the folder of your app, or make one with npx pagekeeper init.\n`,
    });
    expect(await empty.node(['--import', old, command, 'status'])).toEqual({
      status: 2,
      stdout: '',
      stderr: expect.stringMatching(
        /^Pagekeeper needs Node 24 and this is v\S+ .*node@24.*allowScripts.*\n$/,
      ),
    });
  });
});
