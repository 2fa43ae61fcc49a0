import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { expect, it } from 'vitest';

import { projectWith, start } from '../support/start-command.ts';

const list = { about: 'a thing', method: 'GET', grade: 'vendor', default: true };
const pageSize = { default: 4, max: 10 };
const acme = {
  ...{ name: 'acme', title: 'Acme', baseUrl: 'https://api.acme.example/v1', timeoutSeconds: 30 },
  ...{ limitScope: 'account', limitsPerMinute: {} },
  authentication: { kind: 'header', header: 'Authorization', prefix: 'Bearer ', field: 'token' },
  streams: {
    users: {
      ...{ ...list, path: '/users', items: { path: ['data'] }, id: [[['id']]] },
      paging: { kind: 'page', page: 'page', first: 1, limit: 'per_page', total: ['total'], pageSize },
    },
    orders: {
      ...{ ...list, path: '/orders', items: { path: [] }, id: [[['id']]] },
      paging: { kind: 'link', limit: 'limit', next: 'header', pageSize },
    },
  },
};
const oauth2 = {
  ...{ kind: 'oauth2', tokenUrl: 'https://api.acme.example/token', clientIn: 'basic' },
  ...{ clientId: 'clientId', clientSecret: 'clientSecret', grant: { kind: 'client_credentials' } },
};

it('npm start with a connector of a file stores rows that are invented from its definition', async () => {
  const project = await projectWith({
    connections: {
      acme: { connector: './acme.ts', streams: { users: {}, orders: {} } },
      tokens: { connector: './tokens.ts', streams: { users: {} } },
    },
  });
  try {
    await writeFile(join(project.path, 'acme.ts'), `export default ${JSON.stringify(acme)};`);
    const signedIn = { ...acme, name: 'tokens', title: 'Tokens', authentication: oauth2 };
    await writeFile(join(project.path, 'tokens.ts'), `export default ${JSON.stringify(signedIn)};`);
    const { status, summary, stderr } = await start(['--data', join(project.path, 'data')], {}, project.path);
    expect(stderr).toBe(
      'tokens is left out. There is no simulator of Tokens for tokens, which requests access tokens: ' +
        'add --base-url tokens=live to ask the vendor itself.\n' +
        'acme: Acme is simulated from its definition, with invented rows.\n',
    );
    const stored = summary.streams.map(({ stream, outcome, written }) => ({ stream, outcome, written }));
    expect(stored).toEqual([
      { stream: 'acme/users', outcome: 'complete', written: 10 },
      { stream: 'acme/orders', outcome: 'complete', written: 10 },
    ]);
    expect(status).toBe(0);
  } finally {
    await project.remove();
  }
});
