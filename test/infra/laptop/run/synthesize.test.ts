import { mkdir, readdir, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { describe, expect, it } from 'vitest';

import { synthesize } from '../../../../infra/laptop/run/synthesize.ts';
import { temporaryFolder } from '../../../support/temporary-folder.ts';

/** A project whose app is a script, so that no test waits for the CDK. */
async function project(folder: string, app: string, context: object = { pagekeeper: {} }): Promise<void> {
  await mkdir(path.join(folder, 'infra'), { recursive: true });
  await writeFile(path.join(folder, 'cdk.json'), JSON.stringify({ app: 'node infra/app.mjs', context }));
  await writeFile(path.join(folder, 'infra', 'app.mjs'), app);
}

const assembly = `
import { writeFileSync } from 'node:fs';
const out = process.env.CDK_OUTDIR;
const put = (name, content) => writeFileSync(out + '/' + name, JSON.stringify(content));
const stack = (id) => ({ type: 'aws:cloudformation:stack', properties: { templateFile: id + '.template.json', stackName: JSON.parse(process.env.CDK_CONTEXT_JSON).name } });
`;

const plain = `${assembly}
put('manifest.json', { artifacts: { S: stack('S') } });
put('S.assets.json', { files: {} });
put('S.template.json', { Resources: {} });`;

describe('synthesizing', () => {
  it.each([
    [{ context: {} }, /^cdk\.json: app must be a command, such as "node app\.ts"\.$/],
    [{ app: ' ' }, /^cdk\.json: app must be a command/],
    [{ app: 'node infra/app.mjs', context: [] }, /^cdk\.json: context must be an object\.$/],
  ])('says in one sentence what cdk.json lacks: %j', async (json, words) => {
    await using folder = await temporaryFolder();
    await writeFile(path.join(folder.path, 'cdk.json'), JSON.stringify(json));
    const synthesizing = synthesize({ outdir: path.join(folder.path, 'out'), project: folder.path });
    await expect(synthesizing).rejects.toMatchObject({
      name: 'SettingsError',
      message: expect.stringMatching(words) as string,
    });
  });

  it('runs the app with the context of cdk.json and reads what it makes', async () => {
    await using folder = await temporaryFolder();
    await project(
      folder.path,
      `${assembly}
      put('manifest.json', { artifacts: { S: stack('S'), 'S.assets': { type: 'cdk:asset-manifest' } } });
      put('S.assets.json', { files: {} });
      put('S.template.json', { Resources: { Queue: { Type: 'AWS::SQS::Queue' } } });`,
      { name: 'from cdk.json', other: 1 },
    );
    const outdir = path.join(folder.path, 'out');
    expect(await synthesize({ outdir, project: folder.path })).toMatchObject({
      stackName: 'from cdk.json',
      queues: [{ name: 'from cdk.json-Queue' }],
    });
    const model = await synthesize({ outdir, project: folder.path, context: { name: 'Given' } });
    expect(model.stackName).toBe('Given');
  });

  it('runs an app that is no script of Node, too, and under the same Node', async () => {
    await using folder = await temporaryFolder();
    await project(folder.path, `console.error(process.execPath + process.argv[2]); process.exit(1);`);
    const app = 'true && exec node infra/app.mjs "a b"';
    await writeFile(path.join(folder.path, 'cdk.json'), JSON.stringify({ app }));
    const synthesized = synthesize({ outdir: path.join(folder.path, 'out'), project: folder.path });
    await expect(synthesized).rejects.toThrow(`${process.execPath}a b`);
  });

  it("leaves CloudFormation's own rules to the cdk command", async () => {
    await using folder = await temporaryFolder();
    await project(folder.path, `console.error(process.env.CDK_VALIDATION); process.exit(1);`);
    const synthesized = synthesize({ outdir: path.join(folder.path, 'out'), project: folder.path });
    await expect(synthesized).rejects.toThrow(/^false$/);
  });

  it('says what the app said when it fails', async () => {
    await using folder = await temporaryFolder();
    await project(folder.path, `console.error('pagekeeper.stagee: is not a setting'); process.exit(1);`);
    await expect(synthesize({ outdir: path.join(folder.path, 'out'), project: folder.path })).rejects.toThrow(
      /^pagekeeper\.stagee: is not a setting$/,
    );
  });

  describe('makes nothing that it has made before', () => {
    /** Says in the stack's name how often it has run, in a file that no assembly is made of. */
    const counting = `
import { chmodSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
// As the CDK leaves a bundle behind.
mkdirSync(out + '/asset');
put('asset/index.mjs', '');
for (const open of ['asset', 'asset/index.mjs']) chmodSync(out + '/' + open, 0o777);
const runs = 1 + (existsSync('runs') ? Number(readFileSync('runs', 'utf8')) : 0);
writeFileSync('runs', String(runs));
put('manifest.json', { artifacts: { S: { ...stack('S'), properties: { templateFile: 'S.template.json', stackName: 'Run' + runs } } } });
put('S.assets.json', { files: {} });
put('S.template.json', { Resources: {} });`;

    async function twice(
      between: (folder: string) => Promise<void> = () => Promise.resolve(),
      app = counting,
    ): Promise<string> {
      await using folder = await temporaryFolder();
      await project(folder.path, `${assembly}${app}`);
      const given = { outdir: path.join(folder.path, 'out'), project: folder.path };
      expect((await synthesize(given)).stackName).toBe('Run1');
      await between(folder.path);
      return (await synthesize(given)).stackName;
    }

    it('and lets no other user at what is kept, or at the copy', async () => {
      const again = async (folder: string): Promise<void> => {
        const outdir = path.join(folder, 'other');
        expect((await synthesize({ outdir, project: folder })).stackName).toBe('Run1');
        const kept = path.join(folder, 'node_modules', '.cache', 'pagekeeper', 'assemblies');
        const [name = ''] = await readdir(kept);
        for (const copy of [outdir, path.join(kept, name)]) {
          const modes = await Promise.all(
            ['', 'manifest.json', 'asset', 'asset/index.mjs'].map((file) => stat(path.join(copy, file))),
          );
          expect(modes.map(({ mode }) => mode & 0o777)).toEqual([0o700, 0o600, 0o700, 0o600]);
        }
      };
      expect(await twice(again)).toBe('Run1');
    });

    it.each(['infra/settings.ts', 'lib/sync/page.ts', 'functions/new.ts', 'package.json'])(
      'but for a change of %s',
      async (file) => {
        const change = async (folder: string): Promise<void> => {
          await mkdir(path.dirname(path.join(folder, file)), { recursive: true });
          await writeFile(path.join(folder, file), 'export {};');
        };
        expect(await twice(change)).toBe('Run2');
      },
    );

    it('but for other settings', async () => {
      const change = (folder: string) =>
        project(folder, `${assembly}${counting}`, { pagekeeper: { stage: 'dev' } });
      expect(await twice(change)).toBe('Run2');
    });

    it('but where its code has changed while it was made', async () => {
      expect(
        await twice(undefined, `${counting} if (runs === 1) writeFileSync('infra/late.ts', 'export {};');`),
      ).toBe('Run2');
    });

    it('but where nothing can be kept', async () => {
      await using folder = await temporaryFolder();
      await project(folder.path, `${assembly}${counting}`);
      await writeFile(path.join(folder.path, 'node_modules'), 'not a folder');
      const given = { outdir: path.join(folder.path, 'out'), project: folder.path };
      expect((await synthesize(given)).stackName).toBe('Run1');
      expect((await synthesize(given)).stackName).toBe('Run2');
    });
  });

  it('keeps eight, and of these the ones that were used last', async () => {
    await using folder = await temporaryFolder();
    await project(folder.path, plain);
    const kept = path.join(folder.path, 'node_modules', '.cache', 'pagekeeper', 'assemblies');
    const one = (name: string) =>
      synthesize({ outdir: path.join(folder.path, 'out'), project: folder.path, context: { name } });
    await one('first');
    const [first] = await readdir(kept);
    for (let other = 1; other < 8; other += 1) await one(`other ${other}`);
    await one('first');
    await one('ninth');
    const names = await readdir(kept);
    expect(names).toHaveLength(8);
    expect(names).toContain(first);
  });

  it('stops with the signal', async () => {
    await using folder = await temporaryFolder();
    await project(folder.path, 'setInterval(() => {}, 1000);');
    const given = { outdir: path.join(folder.path, 'out'), project: folder.path };
    const aborted = { name: 'AbortError' };
    await expect(synthesize({ ...given, signal: AbortSignal.timeout(300) })).rejects.toMatchObject(aborted);
    await project(folder.path, plain);
    await synthesize(given);
    await expect(synthesize({ ...given, signal: AbortSignal.abort() })).rejects.toMatchObject(aborted);
  });
});
