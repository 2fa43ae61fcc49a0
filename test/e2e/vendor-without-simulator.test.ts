import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { expect, it } from 'vitest';

import { projectWith, start } from '../support/start-command.ts';

it('npm start with a vendor that nobody simulates leaves its streams out, says so, and starts the others', async () => {
  const project = await projectWith({ connections: { acme: {}, mobaro: { streams: { users: {} } } } });
  try {
    const connectors = join(project.path, 'lib/connectors');
    await mkdir(join(connectors, 'acme'));
    await writeFile(
      join(connectors, 'acme/acme.ts'),
      `import { mobaro } from '../mobaro/mobaro.ts';
export const acme = { ...mobaro, name: 'acme', title: 'Acme' };`,
    );
    const registry = await readFile(join(connectors, 'registry.ts'), 'utf8');
    await writeFile(
      join(connectors, 'registry.ts'),
      `import { acme } from './acme/acme.ts';\n${registry.replace(/^ {2}mobaro,$/m, '  mobaro,\n  acme,')}`,
    );
    const { status, summary, stderr } = await start(['--data', join(project.path, 'data')], {}, project.path);
    expect(stderr).toBe(
      'acme is left out. There is no simulator of Acme for acme: add --base-url acme=live to ask the vendor itself.\n',
    );
    expect(summary.streams).toMatchObject([{ stream: 'mobaro/users', outcome: 'complete' }]);
    expect(status).toBe(0);
  } finally {
    await project.remove();
  }
});
