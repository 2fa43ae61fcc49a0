import { readFileSync } from 'node:fs';

import { expect, it } from 'vitest';

import { version } from '../../../lib/sync/version.ts';

it('the version is that of package.json', () => {
  const manifest = readFileSync(new URL('../../../package.json', import.meta.url), 'utf8');
  expect((JSON.parse(manifest) as { version: string }).version).toBe(version);
});
