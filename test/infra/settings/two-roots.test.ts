import { execFile } from 'node:child_process';
import { mkdir, realpath, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';

import { describe, expect, it } from 'vitest';

import { projectRoot } from '../../../infra/settings/project.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const script = `
import { contextOfProject, defaultDataDir, projectRoot, userFolder } from ${JSON.stringify(pathToFileURL(path.join(projectRoot, 'infra/settings/project.ts')).href)};
process.chdir('/');
console.log(JSON.stringify([userFolder(), defaultDataDir, projectRoot, contextOfProject()]));`;

/** What a process finds that begins in a folder, and then goes elsewhere. */
async function rootsSeenFrom(cwd: string): Promise<unknown> {
  const run = promisify(execFile)(process.execPath, ['--input-type=module', '--eval', script], { cwd });
  return JSON.parse((await run).stdout);
}

describe('the folder of the app', () => {
  it('is the nearest one with a cdk.json, and the data is there', async () => {
    await using folder = await temporaryFolder();
    const app = await realpath(folder.path);
    await mkdir(path.join(app, 'src', 'deep'), { recursive: true });
    await writeFile(
      path.join(app, 'cdk.json'),
      JSON.stringify({ context: { pagekeeper: { stage: 'dev' } } }),
    );
    const found = [app, path.join(app, '.pagekeeper'), projectRoot, { pagekeeper: { stage: 'dev' } }];
    expect(await rootsSeenFrom(app)).toEqual(found);
    expect(await rootsSeenFrom(path.join(app, 'src', 'deep'))).toEqual(found);
  });

  it('is that of this project where there is no other', async () => {
    await using folder = await temporaryFolder();
    const found = [projectRoot, path.join(projectRoot, '.pagekeeper'), projectRoot, expect.any(Object)];
    expect(await rootsSeenFrom(folder.path)).toEqual(found);
    expect(await rootsSeenFrom(path.join(projectRoot, 'lib', 'sync'))).toEqual(found);
  });
});
