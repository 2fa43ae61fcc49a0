import { writeFile } from 'node:fs/promises';
import path from 'node:path';

import { describe, expect, it } from 'vitest';

import { readAssembly } from '../../../../infra/emulator/template/read-assembly.ts';
import { temporaryFolder } from '../../../support/temporary-folder.ts';

describe('reading an assembly', () => {
  it('runs one stack and no more', async () => {
    await using folder = await temporaryFolder();
    const stack = { type: 'aws:cloudformation:stack', properties: { templateFile: 'x' } };
    await writeFile(
      path.join(folder.path, 'manifest.json'),
      JSON.stringify({ artifacts: { A: stack, B: stack } }),
    );
    await expect(readAssembly(folder.path)).rejects.toThrow('runs one stack, and the app makes 2: A, B');
  });
});
