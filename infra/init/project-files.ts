import { bob } from '../../lib/connectors/bob/bob.ts';
import { secretFields, type Connector } from '../../lib/connectors/connector.ts';
import { mobaro } from '../../lib/connectors/mobaro/mobaro.ts';

export const vendors = ['mobaro', 'bob', 'new'] as const;
type Vendor = (typeof vendors)[number];

export function isVendor(text: string): text is Vendor {
  return vendors.some((vendor) => vendor === text);
}

/** What a project consists of beside its package.json, by the file's name. Pure. */
export function projectFiles(vendor: Vendor): Readonly<Record<string, string>> {
  const name = vendor === 'new' ? 'acme' : vendor;
  const connection = vendor === 'new' ? { connector: './connectors/acme.ts' } : {};
  const cdk = { app: 'node app.ts', context: { pagekeeper: { connections: { [name]: connection } } } };
  return {
    'cdk.json': `${JSON.stringify(cdk, null, 2)}\n`,
    'app.ts': app,
    ...(vendor === 'new' && { 'connectors/acme.ts': acme }),
    'test/acceptance.test.ts': acceptanceTest(name, vendor === 'new'),
    'tsconfig.json': `${JSON.stringify({ compilerOptions }, null, 2)}\n`,
    '.gitignore': 'node_modules/\ncdk.out/\n.pagekeeper/\n',
    '.github/workflows/test.yml': workflow,
    'README.md': readme(vendor),
  };
}

const app = `import { synthesizeApp } from 'pagekeeper';

// One stack of the settings under "pagekeeper" in cdk.json.
synthesizeApp();
`;

const acme = `import { defineConnector } from 'pagekeeper/connector';

/**
 * How to talk to Acme: data, and no code. It is invented, so that there is something to try; every line with "acme" or a
 * path in it has to become what your vendor's documentation says.
 */
export default defineConnector({
  name: 'acme',
  title: 'Acme',
  // Without a slash at its end.
  baseUrl: 'https://api.acme.example/v1',
  // The field of the secret whose value goes into the header. "npx pagekeeper secret set acme --stack Pagekeeper" asks for it.
  authentication: { kind: 'header', header: 'Authorization', prefix: 'Bearer ', field: 'token' },
  // What shares a rate limit: 'account', or each 'endpoint'.
  limitScope: 'account',
  // Requests a minute, as the vendor publishes them; {} where it does not: then it is found out.
  limitsPerMinute: { account: 60 },
  // How long the slowest answer and storing it may take.
  timeoutSeconds: 30,
  streams: {
    things: {
      about: 'a thing of Acme',
      method: 'GET',
      path: '/things',
      // Where the rows are in the answer: { "data": [ … ], "total": 123 }.
      items: { path: ['data'] },
      // What tells one row from another, for ever: the paths of its parts.
      id: [[['id']]],
      // Parameters of the query, and where the answer counts all rows.
      paging: {
        kind: 'offset',
        limit: 'limit',
        offset: 'offset',
        total: ['total'],
        pageSize: { default: 100, max: 100 },
      },
      // How sure all this is: 'vendor' is as its own documentation has it.
      grade: 'vendor',
      // A connection that names no streams has this one.
      default: true,
    },
  },
});
`;

function acceptanceTest(name: string, isOwn: boolean): string {
  const connector = isOwn
    ? `\nimport ${name} from '../connectors/${name}.ts';\n`
    : `import { ${name}, defaultStreams } from 'pagekeeper/connector';\n`;
  return `import assert from 'node:assert/strict';
import { test } from 'node:test';

import { accept } from 'pagekeeper/acceptance';
${connector}
// Each stream against a vendor that is made of its definition: pages, faults, time-outs, deletions, odd ids.
for (const stream of ${isOwn ? `Object.keys(${name}.streams)` : `defaultStreams(${name})`}) {
  test(\`${name}/\${stream} is synced, whatever happens on the way\`, async () => {
    for await (const { check, passed, sentence } of accept(${name}, stream)) {
      assert.ok(passed, \`\${check}: \${sentence}\`);
    }
  });
}
`;
}

const compilerOptions = {
  target: 'es2024',
  module: 'nodenext',
  types: ['node'],
  noEmit: true,
  strict: true,
  skipLibCheck: true,
  allowImportingTsExtensions: true,
  erasableSyntaxOnly: true,
  verbatimModuleSyntax: true,
};

const workflow = `name: test
on: [push, pull_request]
permissions:
  contents: read
jobs:
  test:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - uses: actions/setup-node@v4
        with:
          node-version: 24
          cache: npm
      - run: npm ci
      - run: npm test
      - run: npx cdk synth --quiet
`;

const known: Readonly<Record<Exclude<Vendor, 'new'>, Connector>> = { mobaro, bob };

function readme(vendor: Vendor): string {
  const name = vendor === 'new' ? 'acme' : vendor;
  const title = vendor === 'new' ? 'Acme' : known[vendor].title;
  const fields = vendor === 'new' ? ['token'] : secretFields(known[vendor]);
  return `# Sync of ${title}

[Pagekeeper](https://www.npmjs.com/package/pagekeeper) copies lists of ${title} into your own AWS account, on a schedule.

    npm install
    npm test                         # every stream against a vendor that is made of its definition
    npx pagekeeper start             # on this machine, without AWS
    npx pagekeeper status
    npx cdk synth --quiet

Where an older Node is installed, \`npx\` and npm scripts use that of the package \`node\`, which \`npm install\` brings.

## Settings

They are in \`cdk.json\`, under \`pagekeeper\`: which connections there are, which streams of them, when, who is on call. A
wrong one is told in a sentence. \`"stage": "dev"\` makes a stack that leaves nothing behind when it is destroyed.
${
  vendor === 'new'
    ? `
## The connector

\`connectors/acme.ts\` says how to talk to the vendor. It is invented: change it until it says what your vendor's
documentation says, and try it by

    npx pagekeeper connector try ./connectors/acme.ts things     # a few calls, nothing is stored
    npm test
`
    : ''
}
## Deploy it

    npx cdk bootstrap                                        # once per account and region
    npx cdk deploy
    npx pagekeeper secret set ${name} --stack Pagekeeper         # asks for ${fields.join(' and ')}, without showing it
    npx pagekeeper check --stack Pagekeeper                  # is the key good, does each stream give a row?
`;
}
