import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { describe, expect, it } from 'vitest';

import { buildBundle } from '../../../infra/constructs/build-bundle.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

/** @param files their text, by their place below the root */
async function put(root: string, files: Readonly<Record<string, string>>): Promise<void> {
  for (const [file, text] of Object.entries(files)) {
    await mkdir(path.join(root, path.dirname(file)), { recursive: true });
    await writeFile(path.join(root, file), text);
  }
}

describe('a bundle', () => {
  it('is refused where something in it imports the CDK, and the file is named', async () => {
    await using folder = await temporaryFolder();
    await put(folder.path, {
      'functions/watchdog.ts': `import { sum } from '../lib/sum.ts'; export const handler = () => sum;`,
      'lib/sum.ts': `import { App } from 'aws-cdk-lib'; export const sum = () => new App();`,
      'node_modules/aws-cdk-lib/package.json': `{ "name": "aws-cdk-lib", "main": "index.js" }`,
      'node_modules/aws-cdk-lib/index.js': `exports.App = class {};`,
    });
    expect(() => buildBundle('watchdog', folder.path)).toThrow(
      /^functions\/watchdog: its bundle would hold the CDK, which lib\/sum\.ts imports; /,
    );
  });

  it('is made where only a type is meant', async () => {
    await using folder = await temporaryFolder();
    await put(folder.path, {
      'functions/watchdog.ts': `import type { App } from 'aws-cdk-lib'; export const handler = (app: App) => app;`,
    });
    expect([...buildBundle('watchdog', folder.path).files.keys()]).toContain('index.mjs');
  });
});
