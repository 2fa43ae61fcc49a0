import { describe, expect, it } from 'vitest';

import { noKeys, type Keys } from '../../../../infra/laptop/options/keys.ts';
import {
  keyPlacesOf,
  keyVariables,
  missingKeys,
  select,
} from '../../../../infra/laptop/options/selection.ts';
import { bob } from '../../../../lib/connectors/bob/bob.ts';
import type { Connector } from '../../../../lib/connectors/connector.ts';
import { mobaro } from '../../../../lib/connectors/mobaro/mobaro.ts';
import { UsageError } from '../../../../infra/terminal/usage-error.ts';

const modelled = { ...mobaro, name: 'acme', title: 'Acme' };
const acme: Connector = {
  ...modelled,
  authentication: {
    ...{ kind: 'oauth2', tokenUrl: 'https://api.acme.example/token', clientIn: 'basic' },
    ...{ clientId: 'apiKey', clientSecret: 'apiKey', grant: { kind: 'client_credentials' } },
  },
};

const known = [
  { name: 'mobaro', connector: mobaro, streams: ['mobaro/users', 'mobaro/webhooks'] },
  { name: 'mobaro-eu', connector: mobaro, streams: ['mobaro-eu/users'] },
  { name: 'bob', connector: bob, streams: ['bob/people'] },
];
const all = ['mobaro/users', 'mobaro/webhooks', 'mobaro-eu/users', 'bob/people'];

interface Typed {
  readonly connections?: readonly string[];
  readonly streams?: readonly string[];
  readonly baseUrls?: Readonly<Record<string, string>>;
}

function selected(typed: Typed, variables: Readonly<Record<string, string>> = {}) {
  const { connections = [], streams = [], baseUrls = {} } = typed;
  return select({ connections, streams, baseUrls: new Map(Object.entries(baseUrls)) }, known, variables);
}

describe('select', () => {
  it('leaves out a vendor that requests access tokens, unless it is named or has a base URL', () => {
    const stack = [...known, { name: 'north', connector: acme, streams: ['north/users'] }];
    const take = (
      connections: readonly string[],
      baseUrls: Readonly<Record<string, string>> = {},
      of = stack,
    ) =>
      select({ connections, streams: [], baseUrls: new Map(Object.entries(baseUrls)) }, of, {
        NORTH_API_KEY: 'made-up',
      });

    const sentence =
      'There is no simulator of Acme for north, which requests access tokens: add --base-url north=live to ask the vendor itself.';
    expect(take([])).toMatchObject({
      ...{ streams: all, everything: false, leftOut: [`north is left out. ${sentence}`] },
      sources: [{ connection: 'mobaro' }, { connection: 'mobaro-eu' }, { connection: 'bob' }],
    });
    expect(() => take(['north'])).toThrow(new UsageError(sentence));
    expect(() => take([], {}, stack.slice(-1))).toThrow(new UsageError(sentence));
    expect(take(['bob'])).toMatchObject({ sources: [{ connection: 'bob' }], leftOut: [] });
    expect(take(['north'], { north: 'live' }).sources).toMatchObject([{ from: { kind: 'live' } }]);
    expect(take([], { north: 'live' })).toMatchObject({ everything: true, leftOut: [] });
  });

  it('has a vendor simulated from its definition that has no simulator of its own, and says so', () => {
    const stack = [...known, { name: 'north', connector: modelled, streams: ['north/users'] }];
    const options = { connections: [], streams: [], baseUrls: new Map<string, string>() };
    const { sources, ...rest } = select(options, stack, {});
    expect(sources.at(-1)?.from).toEqual({ kind: 'simulator', definition: modelled });
    expect(rest).toEqual({
      ...{ streams: [...all, 'north/users'], everything: true, leftOut: [] },
      modelled: ['north: Acme is simulated from its definition, with invented rows.'],
    });
    const asked = { ...options, baseUrls: new Map([['north', 'live']]) };
    expect(select(asked, stack, { NORTH_API_KEY: 'made-up' }).modelled).toEqual([]);
  });

  it('takes everything when nothing is said', () => {
    expect(selected({})).toMatchObject({ streams: all, everything: true });
    expect(selected({}).sources.map(({ connection, from }) => [connection, from.kind])).toEqual([
      ['mobaro', 'simulator'],
      ['mobaro-eu', 'simulator'],
      ['bob', 'simulator'],
    ]);
  });

  it('adds connections and streams up, in the order of the stack', () => {
    expect(selected({ connections: ['bob'], streams: ['mobaro/webhooks'] })).toMatchObject({
      streams: ['mobaro/webhooks', 'bob/people'],
      everything: false,
      sources: [{ connection: 'mobaro' }, { connection: 'bob' }],
    });
  });

  it('does not take mobaro-eu for a part of mobaro', () => {
    expect(selected({ connections: ['mobaro'] }).streams).toEqual(['mobaro/users', 'mobaro/webhooks']);
  });

  it.each([
    [
      { connections: ['mobro'] },
      '--connection: there is no such connection in the stack (did you mean mobaro?); it has mobaro, mobaro-eu, bob.',
    ],
    [{ streams: ['bob/users'] }, `--stream: there is no such stream in the stack; it has ${all.join(', ')}.`],
    [
      { baseUrls: { x: 'live' } },
      '--base-url: there is no such connection in the stack; it has mobaro, mobaro-eu, bob.',
    ],
  ])('names what is known for %j', (typed, message) => {
    expect(() => selected(typed)).toThrow(new UsageError(message));
  });

  it('reads the keys of real vendors from the environment, under the names the secret has', () => {
    const url = 'http://127.0.0.1:9001/v1';
    const variables = { BOB_SERVICE_USER_ID: 'id', BOB_SERVICE_USER_TOKEN: ' token ', MOBARO_API_KEY: 'key' };
    const selection = selected({ baseUrls: { bob: url, mobaro: 'live' } }, variables);

    expect(selection.sources).toEqual([
      { connection: 'mobaro', connector: 'mobaro', from: { kind: 'live' }, secret: { apiKey: 'key' } },
      { connection: 'mobaro-eu', connector: 'mobaro', from: { kind: 'simulator' }, secret: {} },
      {
        connection: 'bob',
        connector: 'bob',
        from: { kind: 'url', url },
        secret: { serviceUserId: 'id', serviceUserToken: 'token' },
      },
    ]);
    const ofBob = {
      kind: 'variables',
      names: ['BOB_SERVICE_USER_ID', 'BOB_SERVICE_USER_TOKEN'],
    };
    const ofMobaro = { kind: 'variables', names: ['MOBARO_API_KEY'] };
    expect(keyPlacesOf(selection, null, noKeys, noKeys)).toEqual(
      new Map([
        ['mobaro', ofMobaro],
        ['bob', ofBob],
      ]),
    );
    const ofOne = new Map([['mobaro', { apiKey: 'key' }]]);
    const places = (from: string | null, given: Keys, keys: Keys) => [
      ...keyPlacesOf(selection, from, given, keys).values(),
    ];
    expect(places('k.json', ofOne, ofOne)).toEqual([{ kind: 'file', file: 'k.json' }, ofBob]);
    expect(places('-', ofOne, ofOne)).toEqual([{ kind: 'asked' }, ofBob]);
    expect(places(null, noKeys, ofOne)).toEqual([{ kind: 'asked' }, ofBob]);
    expect(places('k.json', noKeys, ofOne)).toEqual([{ kind: 'asked' }, ofBob]);
  });

  it("prefers a connection's own key, and else takes its vendor's", () => {
    const typed = { connections: ['mobaro-eu'], baseUrls: { 'mobaro-eu': 'live' } };
    const keyOf = (variables: Readonly<Record<string, string>>) =>
      selected(typed, variables).sources[0]?.secret;

    expect(keyOf({ MOBARO_EU_API_KEY: 'own', MOBARO_API_KEY: 'shared' })).toEqual({ apiKey: 'own' });
    expect(keyOf({ MOBARO_EU_API_KEY: '', MOBARO_API_KEY: 'shared' })).toEqual({ apiKey: 'shared' });
  });

  it.each([
    ['mobaro-eu', 'MOBARO_EU_API_KEY or MOBARO_API_KEY is not set'],
    ['bob', 'BOB_SERVICE_USER_ID and BOB_SERVICE_USER_TOKEN are not set'],
  ])('says which variable is missing for %s', (connection, words) => {
    const typed = { baseUrls: { [connection]: 'live' } };

    expect(() => selected(typed)).toThrow(UsageError);
    expect(() => selected(typed)).toThrow(words);
  });

  it.each([{ connections: ['mobaro-eu'] }, { streams: ['bob/people'] }])(
    'refuses a base URL of a connection that %j leaves out',
    (typed) => {
      expect(() => selected({ ...typed, baseUrls: { mobaro: 'live' } }, { MOBARO_API_KEY: 'key' })).toThrow(
        new UsageError(
          '--base-url: no stream of mobaro is selected; select it with --connection or --stream, or leave its --base-url out.',
        ),
      );
    },
  );

  it('takes a base URL of a connection that one of its streams selects', () => {
    const typed = { streams: ['mobaro/users'], baseUrls: { mobaro: 'live' } };

    expect(selected(typed, { MOBARO_API_KEY: 'key' }).sources).toMatchObject([{ from: { kind: 'live' } }]);
  });
});

describe('keys that are given by hand or file', () => {
  const typed = { connections: ['bob'], streams: [], baseUrls: new Map([['bob', 'live']]) };
  const bobs = { serviceUserId: ' id ', serviceUserToken: 'token' };

  it('come before those of the environment, and fill up what it lacks', () => {
    const variables = { BOB_SERVICE_USER_ID: 'other', BOB_SERVICE_USER_TOKEN: 'token' };
    const keys = new Map([['bob', { serviceUserId: 'id' }]]);
    expect(select(typed, known, variables, keys).sources[0]?.secret).toEqual({
      serviceUserId: 'id',
      serviceUserToken: 'token',
    });
    expect(select(typed, known, {}, new Map([['bob', bobs]])).sources[0]?.secret).toEqual({
      serviceUserId: 'id',
      serviceUserToken: 'token',
    });
  });

  it('are asked for where nothing has them', () => {
    expect(missingKeys(typed, known, { BOB_SERVICE_USER_ID: 'id' }, noKeys)).toEqual([
      { connection: 'bob', field: 'serviceUserToken', title: 'Bob' },
    ]);
    expect(missingKeys(typed, known, {}, new Map([['bob', bobs]]))).toEqual([]);
    expect(missingKeys({ ...typed, baseUrls: new Map() }, known, {}, noKeys)).toEqual([]);
    expect(missingKeys({ ...typed, connections: ['mobaro'] }, known, {}, noKeys)).toEqual([]);
    expect(missingKeys({ ...typed, connections: [] }, known, {}, noKeys)).toHaveLength(2);
  });

  it.each([
    [
      { bob: { ...bobs, password: 'kX-secret' } },
      'Bob takes serviceUserId and serviceUserToken and nothing else',
    ],
    [{ bob: { ...bobs, serviceUserToken: 'Basic kX-secret' } }, 'serviceUserToken is the bare value'],
    [{ bob: { ...bobs, serviceUserToken: 'kX-secret\u0000' } }, 'characters that HTTP does not allow'],
    [{ 'kX-secret': bobs }, '--keys-from: there is no such connection'],
  ])('are refused without being repeated: %j', (keys, words) => {
    const take = () => select(typed, known, {}, new Map(Object.entries(keys)));
    expect(take).toThrow(UsageError);
    expect(take).toThrow(words);
    expect(take).not.toThrow('kX-secret');
  });

  it.each(['Bearer kX-secret', 'X-Api-Key: kX-secret', 'Authorization: kX-secret', 'token kX-secret'])(
    'are the bare key, also in the environment: %s',
    (value) => {
      const take = () => selected({ baseUrls: { mobaro: 'live' } }, { MOBARO_API_KEY: value });
      expect(take).toThrow('The key of mobaro is of no use: apiKey is the bare value');
      expect(take).not.toThrow('kX-secret');
    },
  );
});

describe('keyVariables', () => {
  it('makes one name of a connection that is named after its connector', () => {
    expect(keyVariables('bob', 'bob', 'serviceUserId')).toEqual(['BOB_SERVICE_USER_ID']);
  });
});
