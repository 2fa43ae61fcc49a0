import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { isBuiltin } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { bundleEntries } from '../../infra/constructs/build-bundle.ts';
import { parseDocument } from '../../lib/runtime/settings-document.ts';
import { projectRoot } from '../../infra/settings/project.ts';

interface Ended {
  readonly status: number;
  readonly stderr: string;
}

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'pagekeeper-synth-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** A machine with no account and no network: no credentials, and a proxy that nobody answers at. */
function run(file: string, args: string[], variables: Record<string, string> = {}): Promise<Ended> {
  const nowhere = 'http://127.0.0.1:1';
  const env = {
    PATH: `${path.join(projectRoot, 'node_modules', '.bin')}${path.delimiter}${process.env['PATH'] ?? ''}`,
    HOME: folder,
    HTTPS_PROXY: nowhere,
    HTTP_PROXY: nowhere,
    AWS_EC2_METADATA_DISABLED: 'true',
    ...variables,
  };
  return new Promise((resolve) => {
    execFile(file, args, { cwd: projectRoot, env }, (error, _, stderr) => {
      resolve({ status: error === null ? 0 : Number(error.code), stderr });
    });
  });
}

/** All that the file imports or requires, as a parser sees it: a text may well look like an import. */
async function importsOf(file: string): Promise<readonly string[]> {
  const { metafile } = await build({
    ...{ entryPoints: [file], bundle: true, write: false, metafile: true, logLevel: 'error' },
    ...{ platform: 'node', format: 'esm', packages: 'external' },
  });
  return Object.values(metafile.inputs).flatMap(({ imports }) => imports.map((one) => one.path));
}

describe('cdk synth', () => {
  it('works with no account and no network, and bundles each function once, with all it needs', async () => {
    const out = path.join(folder, 'assembly');
    const { status, stderr } = await run('cdk', ['synth', '--quiet', '--output', out]);
    expect(stderr).not.toMatch(/\berror\b/i);
    expect(status).toBe(0);

    const files = await readdir(out);
    expect(files).toContain('Pagekeeper.template.json');
    const assets = files.filter((name) => name.startsWith('asset.'));
    expect(assets).toHaveLength(bundleEntries.length);
    for (const asset of assets) {
      expect((await readdir(path.join(out, asset))).toSorted()).toEqual([
        'index.mjs',
        'index.mjs.map',
        'settings.json',
      ]);
      const settings = await readFile(path.join(out, asset, 'settings.json'), 'utf8');
      expect(parseDocument(settings).connections.map(({ name }) => name)).toEqual(['mobaro', 'bob']);
      const file = path.join(out, asset, 'index.mjs');
      const imported = await importsOf(file);
      expect(imported).toContain('node:module');
      expect(imported.filter((name) => !isBuiltin(name))).toEqual([]);
      const code = await readFile(file, 'utf8');
      expect(/export\{[^}]*\bhandler\b[^}]*\}/.test(code)).toBe(true);
      // Minified: far fewer lines than kilobytes.
      expect(code.split('\n').length).toBeLessThan(code.length / 200);
    }
  });
});

describe('node infra/app.ts', () => {
  it.each([[{ pagekeeper: { stag: 'dev' } }], [{ pagekeeper: '{"stag":"dev"}' }]])(
    'says in one sentence what is wrong with %j, and nothing of where',
    async (context) => {
      const { status, stderr } = await run('node', ['infra/app.ts'], {
        CDK_CONTEXT_JSON: JSON.stringify(context),
        CDK_OUTDIR: path.join(folder, 'wrong'),
      });
      expect(stderr).toBe(
        'pagekeeper.stag: unknown key; known keys are stage, onCall, runbookUrl, retentionDays, tables, changes, lake, egress, nested, kmsKey, connectors, connections\n',
      );
      expect(status).toBe(1);
    },
  );
});
