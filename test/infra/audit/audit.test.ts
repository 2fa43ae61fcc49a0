import { mkdir, writeFile } from 'node:fs/promises';
import { spawnSync } from 'node:child_process';
import path from 'node:path';

import type { Metafile } from 'esbuild';
import { describe, expect, it } from 'vitest';

import { auditReport } from '../../../infra/audit/audit-report.ts';
import { bundledPackages, objectionsTo, type BundledPackage } from '../../../infra/audit/bundled-packages.ts';
import { isPermissive } from '../../../infra/audit/licences.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

describe('a licence', () => {
  it.each([
    ...['MIT', 'MIT-0', 'ISC', 'Apache-2.0', 'BSD-3-Clause', '0BSD', ' MIT ', '(MIT)', '((ISC))'],
    ...['(MIT OR Apache-2.0)', 'MIT AND ISC', 'MIT OR GPL-3.0-only', 'GPL-2.0-only OR MIT'],
    ...['(MIT AND ISC) OR GPL-3.0-only', 'MIT AND (GPL-3.0-only OR ISC)', '(MIT) AND (ISC)'],
  ])('%s is permissive', (licence) => {
    expect(isPermissive(licence)).toBe(true);
  });

  it.each([
    ...[
      'GPL-3.0-only',
      'AGPL-3.0',
      'LGPL-2.1',
      'MPL-2.0',
      'SSPL-1.0',
      'BUSL-1.1',
      'CC-BY-NC-4.0',
      'UNLICENSED',
    ],
    ...[
      '',
      ' ',
      'SEE LICENSE IN LICENSE.md',
      'mit',
      'MIT-ish',
      'MIT/GPL',
      'MIT, GPL',
      'OR',
      'MIT OR',
      'OR MIT',
    ],
    ...['MIT AND GPL-3.0-only', 'GPL-3.0-only AND (MIT OR ISC)', '(MIT AND GPL-2.0-only) OR LGPL-3.0-only'],
    ...['(MIT', 'MIT)', 'Apache-2.0 WITH LLVM-exception'],
  ])('%j is not, as far as this list knows', (licence) => {
    expect(isPermissive(licence)).toBe(false);
  });
});

async function project(
  root: string,
  packages: Readonly<Record<string, object>>,
  locked: object,
): Promise<void> {
  for (const [place, content] of Object.entries(packages)) {
    await mkdir(path.join(root, place), { recursive: true });
    await writeFile(path.join(root, place, 'package.json'), JSON.stringify(content));
  }
  await writeFile(path.join(root, 'package-lock.json'), JSON.stringify({ packages: locked }));
}

function metafileOf(bytes: Readonly<Record<string, number>>): Metafile {
  const inputs = Object.fromEntries(
    Object.entries(bytes).map(([file, bytesInOutput]) => [file, { bytesInOutput }]),
  );
  return { inputs: {}, outputs: { 'index.mjs': { inputs, bytes: 1, imports: [], exports: [] } } };
}

describe('what is in the bundles', () => {
  it('is every package of which something is left, where it is installed, in its largest share', async () => {
    await using folder = await temporaryFolder();
    const inner = 'node_modules/a/node_modules/@b/c';
    await project(
      folder.path,
      {
        'node_modules/a': { name: 'a', version: '1.0.0', license: 'MIT' },
        [inner]: { name: '@b/c', version: '2.0.0', license: 'ISC' },
      },
      { 'node_modules/a': { version: '1.0.0' }, [inner]: { version: '2.0.1' } },
    );
    const first = metafileOf({
      'functions/x.ts': 10,
      'node_modules/a/one.js': 20,
      'node_modules/a/two.js': 1,
      'node_modules/shaken/off.js': 0,
    });
    const second = metafileOf({ 'node_modules/a/one.js': 5, [`${inner}/d/e.js`]: 7 });
    expect(bundledPackages([first, second], folder.path)).toEqual([
      {
        place: 'node_modules/a',
        name: 'a',
        version: '1.0.0',
        licence: 'MIT',
        lockedVersion: '1.0.0',
        bytes: 21,
      },
      { place: inner, name: '@b/c', version: '2.0.0', licence: 'ISC', lockedVersion: '2.0.1', bytes: 7 },
    ]);
  });

  it.each([undefined, null, '', { type: 'MIT' }, [{ type: 'MIT' }], 7])(
    'has no licence where package.json says %j',
    async (license) => {
      await using folder = await temporaryFolder();
      await project(folder.path, { 'node_modules/a': { name: 'a', version: '1.0.0', license } }, {});
      const [found] = bundledPackages([metafileOf({ 'node_modules/a/b.js': 1 })], folder.path);
      expect(found).toMatchObject({ licence: null, lockedVersion: null });
    },
  );
});

const fine: BundledPackage = {
  ...{ place: 'node_modules/a', name: 'a', version: '1.0.0', lockedVersion: '1.0.0' },
  ...{ licence: 'MIT', bytes: 1234 },
};

describe('the report', () => {
  it.each<[Partial<BundledPackage>, string[]]>([
    [{}, []],
    [{ licence: null }, ['node_modules/a does not say what its licence is.']],
    [
      { licence: 'GPL-3.0-only' },
      ['node_modules/a is under GPL-3.0-only, which is not on the list of permissive licences.'],
    ],
    [{ lockedVersion: null }, ['node_modules/a is not in package-lock.json.']],
    [
      { lockedVersion: '1.0.1' },
      ['node_modules/a is installed as 1.0.0, and package-lock.json says 1.0.1: run npm ci.'],
    ],
  ])('says of %j what is wrong', (change, sentences) => {
    const one = { ...fine, ...change };
    expect(objectionsTo(one)).toEqual(sentences);
    const { text, isClean } = auditReport([fine, one]);
    expect(isClean).toBe(sentences.length === 0);
    for (const sentence of sentences) expect(text).toContain(sentence);
  });

  it('fits into 80 columns, whatever the packages are called', () => {
    const long = { ...fine, name: `@${'a'.repeat(60)}/${'b'.repeat(60)}`, bytes: 123_456_789 };
    const { text } = auditReport([
      fine,
      { ...long, version: '1.0.0-beta.20261129', licence: 'MIT OR '.repeat(9) },
    ]);
    for (const line of text.split('\n\n')[0]!.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
    expect(text).toMatch(/^ a +1\.0\.0 +MIT +1,234$/m);
  });

  it('of this project is clean, and npm run audit ends with 0', () => {
    const { status, stdout } = spawnSync(process.execPath, ['infra/audit/audit.ts'], { encoding: 'utf8' });
    expect(stdout).toMatch(/^ ky +\S+ +MIT +[\d,]+$/m);
    expect(stdout).toMatch(
      /^\d+ packages, as package-lock\.json has them, all under permissive licences\.$/m,
    );
    for (const line of stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
    expect(status).toBe(0);
  });
});
