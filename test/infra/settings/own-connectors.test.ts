import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { withOwnConnectors } from '../../../infra/settings/own-connectors.ts';
import { parseSettings } from '../../../infra/settings/settings-schema.ts';
import { readSettings } from '../../../infra/settings/read-settings.ts';
import { SettingsError } from '../../../infra/settings/settings-error.ts';
import { settingsDocumentOf } from '../../../infra/settings/settings-document.ts';
import { connectionsOf, parseDocument } from '../../../lib/runtime/settings-document.ts';
import { thirdVendor as ferry } from '../../acceptance/third-vendor.ts';

const json = JSON.stringify(ferry);
const files = {
  'ferry.ts': `const crossing: string = 'a crossing';
    enum Unused { One }
    export default { ...${json}, title: crossing };`,
  'ferry.mjs': `export const ferry = ${json}; export const unrelated = 5; export const texts = { streams: 1 };`,
  'ferry.cjs': `module.exports = ${json};`,
  'ferry.json': json,
  'parts.ts': `import { ferry } from './ferry.mjs'; export default { ...ferry, title: 'Of parts' };`,
  'two.ts': `export const one = ${json}; export const two = ${json};`,
  'none.ts': 'export const ferry = 5;',
  'throws.ts': `throw new Error('no such planet');`,
  'syntax.ts': '\nexport default {',
  'waits.ts': 'export default await Promise.resolve({});',
  'wrong.ts': `export default { ...${json}, limitScope: 'world', streems: {} };`,
  'broken.json': '{',
  'text.ts': `export default 'ferry';`,
  'mobaro.ts': `export default { ...${json}, name: 'mobaro' };`,
};

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'pagekeeper-connectors-'));
  for (const [name, content] of Object.entries(files)) writeFileSync(path.join(folder, name), content);
});

afterAll(() => rmSync(folder, { recursive: true }));

function read(...connectors: readonly unknown[]): unknown {
  const names = ['a', 'b', 'c'];
  const connections = connectors.map((connector, index) => [names[index], { connector }] as const);
  return withOwnConnectors({ stage: 'dev', connections: Object.fromEntries(connections) }, folder);
}

describe('a connector of one’s own', () => {
  it.each([
    ['./ferry.mjs', 'Ferry'],
    ['ferry.ts', 'a crossing'],
    ['./ferry.cjs', 'Ferry'],
    ['./ferry.json', 'Ferry'],
    ['./parts.ts', 'Of parts'],
  ])('is read from %s, and is data from then on', (file, title) => {
    expect(read(file)).toEqual({
      stage: 'dev',
      connections: { a: { connector: 'ferry' } },
      connectors: { ferry: { ...ferry, title } },
    });
  });

  it('may be named by its whole path, be the object itself, and be there for several connections', () => {
    expect(read(path.join(folder, 'ferry.json'), './ferry.mjs', ferry)).toEqual({
      stage: 'dev',
      connections: { a: { connector: 'ferry' }, b: { connector: 'ferry' }, c: { connector: 'ferry' } },
      connectors: { ferry },
    });
  });

  it('is the same when settings are read again', () => {
    const once = parseSettings({ connections: { ferry: { connector: './ferry.mjs' } } }, folder);
    expect(parseSettings(JSON.parse(JSON.stringify(once)), '/nowhere')).toEqual(once);
  });

  it('changes nothing for others', () => {
    const settings = { connections: { mobaro: {}, north: { connector: 'mobaro' }, odd: 5 } };
    expect(withOwnConnectors(settings, folder)).toEqual(settings);
    expect(withOwnConnectors('x', folder)).toBe('x');
    expect(withOwnConnectors({ connections: 5 }, folder)).toEqual({ connections: 5 });
  });

  const at = 'pagekeeper.connections.a.connector';
  it.each([
    ['./gone.ts', `${at}: ./gone.ts: there is no such file; a path begins at the folder of cdk.json`],
    ['./', `${at}: ./: there is no such file; a path begins at the folder of cdk.json`],
    [
      './none.ts',
      `${at}: ./none.ts: exports no connector; end it with "export default defineConnector({ … })"`,
    ],
    [
      './two.ts',
      `${at}: ./two.ts: exports several connectors (one, two); make one of them its default export`,
    ],
    ['./broken.json', `${at}: ./broken.json: is not JSON`],
    ['./throws.ts', `${at}: ./throws.ts: fails when it is run: no such planet`],
    ['./syntax.ts', `${at}: ./syntax.ts: cannot be read: Expected identifier but found end of file (line 2)`],
    [
      './waits.ts',
      `${at}: ./waits.ts: cannot be read: Top-level await is currently not supported with the "cjs" output format (line 1)`,
    ],
    [
      './wrong.ts',
      `${at}: ./wrong.ts: connector ferry, limitScope: must be one of "account", "endpoint", "both", not "world"\n${at}: ./wrong.ts: connector ferry, streems: unknown key; did you mean streams?`,
    ],
    [{ ...ferry, title: '' }, `${at}: connector ferry, title: must be a text, not ""`],
    [
      './mobaro.ts',
      `${at}: must be named otherwise, for Pagekeeper has a connector "mobaro" already; change the name in its definition`,
    ],
  ])('that is wrong is told of in a sentence: %s', (connector, sentence) => {
    expect(() => read(connector)).toThrow(new SettingsError(sentence));
  });

  it('that is no object is told of', () => {
    expect(() => read('./text.ts')).toThrow(
      /text\.ts: connector \(no name\): must be an object with the keys name/,
    );
  });

  it('must not have the name of another one', () => {
    expect(() => read('./ferry.mjs', './parts.ts')).toThrow(
      'pagekeeper.connections.b.connector: is another connector "ferry" than the one before; change the name in one of their definitions',
    );
    expect(() => withOwnConnectors({ connectors: { boat: ferry } }, folder)).toThrow(
      'pagekeeper.connectors.boat: must be called by the connector\'s own name, "ferry"',
    );
  });

  it('is checked with the settings of its connection', () => {
    const settings = (connection: object) => ({ connectors: { ferry }, connections: { ferry: connection } });
    const [connection] = readSettings(settings({})).connections;
    expect(connection).toMatchObject({ connector: ferry, baseUrl: ferry.baseUrl });
    expect(connection?.streams.map(({ name }) => name)).toEqual(['crossings']);
    expect(() => readSettings(settings({ streams: { crossing: {} } }))).toThrow(
      'pagekeeper.connections.ferry.streams.crossing: unknown stream; did you mean crossings? Ferry has crossings',
    );
    expect(() => readSettings(settings({ streams: { crossings: { pageSize: 501 } } }))).toThrow(
      "must be at most 500, the vendor's maximum",
    );
  });

  it('goes to the functions as data, and Pagekeeper’s own do not', () => {
    const connections = { mobaro: {}, north: { connector: 'ferry' }, south: { connector: 'ferry' } };
    const document = settingsDocumentOf(readSettings({ connectors: { ferry }, connections }));
    expect(document.connectors).toEqual({ ferry });
    const [mobaro, north, south] = connectionsOf(parseDocument(JSON.stringify(document)));
    expect(mobaro?.connector.title).toBe('Mobaro');
    expect(north?.streams.map(({ name }) => name)).toEqual(['north/crossings']);
    expect([north?.connector, south?.connector]).toEqual([ferry, ferry]);
    expect(() => parseDocument(JSON.stringify({ ...document, connectors: {} }))).toThrow(
      /is not a connector/,
    );
  });
});
