import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { describe, expect, it } from 'vitest';

import { synthesize } from '../../../../infra/laptop/run/synthesize.ts';
import { temporaryFolder } from '../../hand-made.ts';

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

describe('synthesizing', () => {
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

  it('stops with the signal', async () => {
    await using folder = await temporaryFolder();
    await project(folder.path, 'setInterval(() => {}, 1000);');
    const synthesized = synthesize({
      outdir: path.join(folder.path, 'out'),
      project: folder.path,
      signal: AbortSignal.timeout(300),
    });
    await expect(synthesized).rejects.toThrow(/aborted/i);
  });
});
