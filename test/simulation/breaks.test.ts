import { execFile } from 'node:child_process';
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';

import { describe, expect, it } from 'vitest';

const run = promisify(execFile);
const root = path.join(import.meta.dirname, '..', '..');
const patches = readdirSync(path.join(import.meta.dirname, 'breaks'));

/** All of them are tried by `node test/simulation/try-breaks.ts`, which takes minutes; see docs/simulation.md. */
describe('the breaks made on purpose', () => {
  it('are many', () => {
    expect(patches.length).toBeGreaterThanOrEqual(12);
  });

  it.each(patches)('%s still fits the code', async (patch) => {
    const file = path.join('test', 'simulation', 'breaks', patch);
    await expect(run('git', ['apply', '--check', '-C1', file], { cwd: root })).resolves.toBeDefined();
  });

  it('are seen: a position that is stored before the records', async () => {
    const script = path.join('test', 'simulation', 'try-breaks.ts');
    const { stdout } = await run(process.execPath, [script, 'position-before-records', '--seeds', '100'], {
      cwd: root,
    });
    expect(stdout).toMatch(/^\| `position-before-records` \| 2 \| \d+ \|/m);
    expect(stdout).toContain('1 of 1 breaks caught.');
  });
});
