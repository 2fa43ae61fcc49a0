import { describe, expect, it } from 'vitest';

import { readSettings } from '../../../infra/settings/read-settings.ts';
import { SettingsError } from '../../../infra/settings/settings-error.ts';

/** Settings with one stream setting of mobaro/users. */
function users(setting: object): object {
  return { connections: { mobaro: { streams: { users: setting } } } };
}

function people(setting: object): object {
  return { connections: { bob: { streams: { people: setting } } } };
}

/** One table of the company's own, beside the people whose rows are asked for. */
function table(params: unknown): object {
  return { connections: { bob: { streams: { people: {}, 'custom-table': { params } } } } };
}

function results(setting: object): object {
  return { connections: { mobaro: { streams: { results: setting } } } };
}

function messageOf(context: unknown): string {
  try {
    readSettings(context);
  } catch (error) {
    if (error instanceof SettingsError) return error.message;
    throw error;
  }
  return 'no error';
}

describe('the defaults', () => {
  it.each([[{}], [undefined], ['{}']])('deploy both vendors with their default streams for %j', (context) => {
    const settings = readSettings(context);
    expect(settings).toMatchObject({
      stage: 'prod',
      stackName: 'Pagekeeper',
      keepsData: true,
      onCall: {
        page: { emails: [], https: [], slack: null },
        ticket: { emails: [], https: [], slack: null },
      },
      retentionDays: 90,
    });
    expect(
      settings.connections.map(({ name, streams }) => [name, streams.map((stream) => stream.name)]),
    ).toEqual([
      ['mobaro', ['users', 'timesheets', 'locations', 'results']],
      ['bob', ['people', 'employment', 'time-off-changes']],
    ]);
  });

  it("take the connector's base URL and time-out, and leave default settings out of the environment", () => {
    const [mobaro, bob] = readSettings({}).connections;
    expect(mobaro).toMatchObject({
      limitGroup: 'mobaro',
      baseUrl: 'https://app.mobaro.com/api/customers',
      timeoutSeconds: 30,
    });
    expect(bob).toMatchObject({ baseUrl: 'https://api.hibob.com/v1', timeoutSeconds: 60 });
    expect(mobaro?.streams.map((stream) => Object.keys(stream.config))).toEqual(
      Array.from({ length: 4 }, () => ['gapSeconds']),
    );
  });

  it('take a limit where the vendor counts it', () => {
    const settings = readSettings({
      connections: {
        mobaro: { limitPerMinute: 300 },
        bob: { streams: { people: { limitPerMinute: 40 }, employment: {} } },
      },
    });
    expect(settings.connections.map(({ limitPerMinute }) => limitPerMinute)).toEqual([300, null]);
    expect(settings.connections[1]?.streams.map(({ config }) => config.limitPerMinute)).toEqual([
      40,
      undefined,
    ]);
  });

  it.each([
    [{}, 512, 32],
    [{ maxPageMb: 40 }, 512, 40],
    [{ maxPageMb: 1 }, 512, 1],
    [{ memoryMb: 1024 }, 1024, 64],
    [{ memoryMb: 1024, maxPageMb: 104 }, 1024, 104],
    [{ memoryMb: 10_240 }, 10_240, 400],
    [{ memoryMb: 10_240, maxPageMb: 400 }, 10_240, 400],
  ])('cap an answer by the memory that reading it takes: %j', (chosen, memoryMb, maxPageMb) => {
    const { connections } = readSettings({ connections: { mobaro: chosen } });
    expect(connections[0]).toMatchObject({ memoryMb, maxPageMb });
  });

  it('tell tickets to the addresses of pages, but to no pager of theirs', () => {
    const emails = ['night@example.com'];
    const https = ['https://pager.example/hook'];
    const slack = { workspaceId: 'T0123', channelId: 'C0123' };
    expect(readSettings({ onCall: { emails, https, slack } }).onCall).toEqual({
      page: { emails, https, slack },
      ticket: { emails, https: [], slack: null },
    });
    expect(readSettings({ onCall: { emails, tickets: { slack } } }).onCall.ticket).toEqual({
      emails: [],
      https: [],
      slack,
    });
  });

  it('keep the data of every stage but dev', () => {
    expect(readSettings({ stage: 'dev' })).toMatchObject({ stackName: 'Pagekeeper-dev', keepsData: false });
    expect(readSettings({ stage: 'staging' })).toMatchObject({
      stackName: 'Pagekeeper-staging',
      keepsData: true,
    });
  });
});

describe('chosen settings', () => {
  it('say all connections, and all streams of a connection that names any', () => {
    const settings = readSettings({
      connections: {
        mobaro: { streams: { users: {}, locations: { enabled: false } } },
        'mobaro-test': { connector: 'mobaro', limitGroup: 'mobaro', baseUrl: 'https://test.example/api/' },
      },
    });
    expect(settings.connections.map(({ name, streams }) => [name, streams.length])).toEqual([
      ['mobaro', 1],
      ['mobaro-test', 4],
    ]);
    expect(settings.connections[1]).toMatchObject({
      limitGroup: 'mobaro',
      baseUrl: 'https://test.example/api',
    });
  });

  it('reach the functions, with the longest silence between two ticks', () => {
    const chosen = {
      schedule: 'cron(0 8-18 * * ? *)',
      timeZone: 'Asia/Tokyo',
      flexibleWindowMinutes: 10,
      pageSize: 50,
      continuation: 'nextTick',
      freshnessMinutes: 2880,
      attemptCap: 3,
      pageBudget: 500,
      orderBy: 'createdAt:asc',
      timeBudgetHours: 12,
      deletionGuard: { rows: 0, percent: 100 },
      tombstoneRetentionDays: 365,
    };
    expect(readSettings(users(chosen)).connections[0]?.streams[0]).toMatchObject({
      schedule: 'cron(0 8-18 * * ? *)',
      timeZone: 'Asia/Tokyo',
      flexibleWindowMinutes: 10,
      shortestGapSeconds: 3600,
      config: {
        gapSeconds: 14 * 3600 + 600,
        pageSize: 50,
        continuation: 'nextTick',
        freshnessMinutes: 2880,
        attemptCap: 3,
        pageBudget: 500,
        orderBy: 'createdAt:asc',
        timeBudgetHours: 12,
        deletionGuard: { rows: 0, percent: 100 },
        tombstoneRetentionDays: 365,
      },
    });
  });

  it.each([
    [results({ historyFrom: '2024-02-29' }), { historyFrom: '2024-02-29' }],
    [people({ fields: ['root.id'] }), { fields: ['root.id'] }],
    [
      people({ fields: { ask: ['root.id'], omit: ['home'] } }),
      { fields: { ask: ['root.id'], omit: ['home'] } },
    ],
    [users({ deletionGuard: { rows: 3 } }), { deletionGuard: { rows: 3 } }],
  ])('are given to the functions in the words of the user: %j', (settings, chosen) => {
    const [stream] = readSettings(settings).connections[0]?.streams ?? [];
    const { gapSeconds, ...given } = stream!.config;
    expect(gapSeconds).toBeGreaterThan(0);
    expect(given).toEqual(chosen);
  });

  it('take the parents of a stream under their own name, said or not', () => {
    for (const people of [{}, { of: 'people' }]) {
      const streams = { people, 'custom-table': { params: { table: 'a.b' } } };
      expect(readSettings({ connections: { bob: { streams } } }).connections[0]?.streams).toHaveLength(2);
    }
  });

  it('narrow the window by default where the schedule is quick', () => {
    const windows = ['rate(1 minute)', 'rate(4 minutes)', 'rate(1 day)'].map(
      (schedule) => readSettings(users({ schedule })).connections[0]?.streams[0]?.flexibleWindowMinutes,
    );
    expect(windows).toEqual([0, 2, 5]);
  });
});

describe('a wrong setting that may be a secret', () => {
  const key = 'SECRETsecret12345';
  const connection = (setting: object): object => ({ connections: { mobaro: setting } });
  const urls = [
    ...[
      key,
      'kX-secret',
      `Bearer ${key}`,
      `//u:${key}@h`,
      `https:u:${key}@h`,
      `https://u:${key}@h`,
      `ftp://u:${key}@h`,
    ],
    ...[`https://h/?k=${key}`, `h/${key}`, [key], { [key]: 'kX-secret' }, 'secretWithoutDigits'],
  ];
  it.each<[string, unknown]>([
    ...urls.map((baseUrl): [string, unknown] => [
      `baseUrl ${JSON.stringify(baseUrl)}`,
      connection({ baseUrl }),
    ]),
    // Pages of a wiki are found by a query.
    ...urls
      .filter((url) => url !== `https://h/?k=${key}`)
      .map((runbookUrl): [string, unknown] => [`runbookUrl ${JSON.stringify(runbookUrl)}`, { runbookUrl }]),
    ...urls.map((url): [string, unknown] => [
      `a hook ${JSON.stringify(url)}`,
      { onCall: { https: [url, 'x'] } },
    ]),
    ['hooks that are no list', { onCall: { https: 'secretWithoutDigits' } }],
    ['onCall that is one hook', { onCall: `https://events.example/${key}` }],
    ...[
      key,
      `Bearer ${key}`,
      'Basic secret',
      'bearer\tsecret',
      'secret@example.com',
      `a ${key}`,
      `(${key})`,
    ].flatMap((text): [string, unknown][] => [
      [`limitGroup ${text}`, connection({ limitGroup: text })],
      [`timeoutSeconds ${text}`, connection({ timeoutSeconds: text })],
      [`maxPageMb ${text}`, connection({ maxPageMb: text })],
      [`a key of a connection, ${text}`, connection({ [text]: 1 })],
      [`a connection named ${text}`, { connections: { [text]: { connector: 'mobaro' } } }],
      [`a setting within a connection named ${text}`, { connections: { [text]: { memoryMb: 1 } } }],
      [`connector ${text}`, { connections: { park: { connector: text } } }],
      [`a stream named ${text}`, connection({ streams: { [text]: {} } })],
      [`a setting of a stream named ${text}`, connection({ streams: { [text]: { limitPerMinute: 1 } } })],
      [`streams that are ${text}`, connection({ streams: [text] })],
      [`of ${text}`, connection({ streams: { users: { of: text } } })],
      [`schedule ${text}`, users({ schedule: text })],
      [`timeZone ${text}`, users({ timeZone: text })],
      [`fields ${text}`, users({ fields: [text] })],
      [`a param named ${text}`, table({ table: 'a.b', [text]: 'x' })],
      [`the param ${text}`, table({ table: `../${text}` })],
      [`historyFrom ${text}`, results({ historyFrom: text })],
      [`stage ${text}`, { stage: text }],
      [`a setting ${text}`, { [text]: 1 }],
      [`no JSON, ${text}`, `{ "baseUrl": "${text}`],
    ]),
  ])('is not repeated: %s', (_, context) => {
    expect(messageOf(context)).toMatch(/^pagekeeper/);
    const rules =
      /\.secret: must be the name of a secret of Secrets Manager|known keys are (secret, field|connector, .*, secret, )/g;
    expect(messageOf(context).replaceAll(rules, '')).not.toMatch(/secret/i);
  });

  it.each([
    ['rate(90 minute)', '"rate(90 minute)"'],
    ['cron(0/15 8-18 * * *)', '"cron(0/15 8-18 * * *)"'],
  ])('is repeated where it cannot be one: %s', (schedule, told) => {
    expect(messageOf(users({ schedule }))).toContain(told);
  });
});

describe('the key', () => {
  it.each([
    ['arn:aws:kms:eu-west-1:123456789012:key/01234567-89ab-cdef-0123-456789abcdef', 'aws', 'eu-west-1'],
    ['arn:aws:kms:us-east-1:123456789012:key/mrk-0123456789abcdef0123456789abcdef', 'aws', 'us-east-1'],
    [
      'arn:aws-us-gov:kms:us-gov-west-1:123456789012:key/01234567-89ab-cdef-0123-456789abcdef',
      'aws-us-gov',
      'us-gov-west-1',
    ],
  ])('is known by its ARN, which says where it is: %s', (arn, partition, region) => {
    expect(readSettings({ kmsKey: arn }).kmsKey).toEqual({ arn, partition, region, account: '123456789012' });
    expect(readSettings({}).kmsKey).toBeNull();
  });
});

const streamOf = (table: string): string =>
  `arn:aws:dynamodb:eu-west-1:123456789012:table/${table}/stream/2026-11-30T00:00:00.000`;

/** A records table that there is already. */
const adopted = (more: object = {}): object => ({ tables: { records: { name: 'restored', ...more } } });

describe('the change log', () => {
  it.each([
    [{}, { retentionDays: 90, before: false }],
    [{ changes: {} }, { retentionDays: 90, before: false }],
    [{ changes: { retentionDays: 7 } }, { retentionDays: 7, before: false }],
    [{ changes: { retentionDays: 3650, before: true } }, { retentionDays: 3650, before: true }],
    [{ changes: { before: false } }, { retentionDays: 90, before: false }],
    [{ changes: false }, null],
    // Of checkpoints nothing is published.
    [{ tables: { checkpoints: { name: 'restored' } } }, { retentionDays: 90, before: false }],
  ])('is that of the stack’s own table with %j', (settings, changes) => {
    expect(readSettings(settings)).toMatchObject({ changes, streamArns: { Records: null } });
  });

  it.each([
    ['is left out of a table that there is already', adopted(), null, null],
    ['is left out of it where that is said', { ...adopted(), changes: false }, null, null],
    [
      'is made from the stream that is named, without another word',
      adopted({ streamArn: streamOf('restored') }),
      { retentionDays: 90, before: false },
      streamOf('restored'),
    ],
    [
      'is made from the stream that is named, as it is chosen',
      { ...adopted({ streamArn: streamOf('restored') }), changes: { retentionDays: 30 } },
      { retentionDays: 30, before: false },
      streamOf('restored'),
    ],
    [
      'can be switched off where a stream is named',
      { ...adopted({ streamArn: streamOf('restored') }), changes: false },
      null,
      streamOf('restored'),
    ],
  ])('%s', (_, settings, changes, recordsStreamArn) => {
    expect(readSettings(settings)).toMatchObject({ changes, streamArns: { Records: recordsStreamArn } });
  });
});

describe('the stream of a checkpoints table that there is already', () => {
  it.each([
    ['is not known where it is not named', { name: 'restored' }, null],
    ['is the one that is named', { name: 'restored', streamArn: streamOf('restored') }, streamOf('restored')],
  ])('%s', (_, checkpoints, streamArn) => {
    expect(readSettings({ tables: { checkpoints } })).toMatchObject({
      tables: { Checkpoints: 'restored', Records: null },
      streamArns: { Checkpoints: streamArn, Records: null },
    });
  });
});

describe('the page of the runbook', () => {
  it.each<readonly [string, object, string]>([
    ['is that of the project folder by default', {}, 'docs/runbook.md'],
    ...[
      'https://wiki.example/runbook?version=2',
      "https://wiki.example/~ops/it's_(a)+b,c;d=e/f!$&*%20:[1]-.html",
      `https://wiki.example/${'x'.repeat(79)}`,
    ].map((runbookUrl) => ['may be elsewhere', { runbookUrl }, runbookUrl] as const),
  ])('%s: %j', (_, settings, runbookUrl) => {
    expect(readSettings(settings).runbookUrl).toBe(runbookUrl);
  });
});

describe('a wrong setting is told in one sentence that names it', () => {
  it.each<[unknown, string]>([
    [
      { stag: 'dev' },
      'pagekeeper.stag: unknown key; known keys are stage, onCall, runbookUrl, retentionDays, tables, changes, lake, egress, nested, kmsKey, connectors, connections',
    ],
    [
      users({ schedul: 'rate(1 hour)' }),
      'pagekeeper.connections.mobaro.streams.users.schedul: unknown key; known keys are enabled, schedule, ' +
        'flexibleWindowMinutes, timeZone, freshnessMinutes, pageAfterMinutes, pageSize, continuation, attemptCap, pageBudget, timeBudgetHours, ' +
        'deletionGuard, tombstoneRetentionDays, orderBy, of, params, fields, historyFrom, batchOver, reconcile, limitPerMinute, limits',
    ],
    [
      { connections: { mobaro: { conector: 'mobaro' } } },
      'pagekeeper.connections.mobaro.conector: unknown key; known keys are connector, limitGroup, limitPerMinute, limits, secret, baseUrl, tokenUrl, timeoutSeconds, memoryMb, maxPageMb, streams',
    ],
    [
      { connections: { mobaro: { secret: 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:mobaro' } } },
      'pagekeeper.connections.mobaro.secret: must be the name of a secret of Secrets Manager, such as "vendors/mobaro" (and not its ARN), of up to 128 characters, not what is there',
    ],
    [
      { onCall: { email: [] } },
      'pagekeeper.onCall.email: unknown key; known keys are emails, https, slack, tickets',
    ],
    [
      { onCall: { emails: ['nobody'] } },
      'pagekeeper.onCall.emails.0: must be an e-mail address, not "nobody"',
    ],
    [{ onCall: { emails: 'a@example.com' } }, 'pagekeeper.onCall.emails: must be a list, not what is there'],
    [
      { onCall: { https: ['http://pager.example'] } },
      'pagekeeper.onCall.https.0: must be an https URL without credentials, or an object that names where one is kept, not what is there',
    ],
    [
      { onCall: { https: ['https://me:kX-secret@pager.example'] } },
      'pagekeeper.onCall.https.0: must be an https URL without credentials, or an object that names where one is kept, not what is there',
    ],
    [
      { onCall: { tickets: { https: 'https://pager.example/kX-secret' } } },
      'pagekeeper.onCall.tickets.https: must be a list, not what is there',
    ],
    [
      { onCall: ['https://me:kX/secret@pager.example'] },
      'pagekeeper.onCall: must be an object with any of the keys emails, https, slack, tickets, not what is there',
    ],
    ...[
      ['http://wiki.example/runbook', 'must be an https URL'],
      ['docs/runbook.md', 'must be an https URL'],
      ['', 'must be an https URL'],
      ['https://me:kX-secret@wiki.example/runbook', 'must be a URL without credentials (no "@")'],
      [
        'https://wiki.example/runbook#missing',
        'must be a URL without a fragment ("#"), for each alarm puts its own there',
      ],
      [`https://wiki.example/${'x'.repeat(80)}`, 'must be a URL of up to 100 characters'],
      ...['https://wiki.example/run book', 'https://wiki.example/{{resolve:ssm:kX}}'].map((url) => [
        url,
        'must be a URL in which spaces, braces and the like are escaped, such as "%20"',
      ]),
    ].map(([runbookUrl, rule]): [unknown, string] => [
      { runbookUrl },
      `pagekeeper.runbookUrl: ${String(rule)}, not what is there`,
    ]),
    [
      { runbook: 'https://wiki.example/runbook' },
      'pagekeeper.runbook: unknown key; known keys are stage, onCall, runbookUrl, retentionDays, tables, changes, lake, egress, nested, kmsKey, connectors, connections',
    ],
    [
      { connections: { mobaro: { baseUrl: 'https://kX/secret@mobaro.example' } } },
      'pagekeeper.connections.mobaro.baseUrl: must be an https URL without credentials and query, not what is there',
    ],
    [
      { connections: { mobaro: { baseUrl: 'https://mobaro.example?key=kX-secret' } } },
      'pagekeeper.connections.mobaro.baseUrl: must be an https URL without credentials and query, not what is there',
    ],
    [
      { stage: 'Prod' },
      'pagekeeper.stage: must be 1 to 20 small letters, digits and hyphens, a letter first, not "Prod"',
    ],
    [
      { stage: null },
      'pagekeeper.stage: must be 1 to 20 small letters, digits and hyphens, a letter first, not null',
    ],
    ['{ "stage": ', 'pagekeeper: must be JSON when it is given on the command line, not "{ \\"stage\\": "'],
    [
      [],
      'pagekeeper: must be an object with any of the keys stage, onCall, runbookUrl, retentionDays, tables, changes, lake, egress, nested, kmsKey, connectors, connections, not []',
    ],
    [{ connections: {} }, 'pagekeeper.connections: must name at least one connection, not {}'],
    [{ connections: [] }, 'pagekeeper.connections: must be an object, by name, not []'],
    [
      { connections: { Mobaro: { connector: 'mobaro' } } },
      'pagekeeper.connections.Mobaro: must be named by 1 to 20 small letters, digits and hyphens, a letter first, not "Mobaro"',
    ],
    [
      { connections: { park: {} } },
      'pagekeeper.connections.park.connector: must be one of mobaro, bob, or a file such as "./connectors/park.ts", not left out',
    ],
    [
      { connections: { park: { connector: 'constructor' } } },
      'pagekeeper.connections.park.connector: must be one of mobaro, bob, or a file such as "./connectors/park.ts", not "constructor"',
    ],
    [
      { connections: { mobaro: { streams: { user: {} } } } },
      'pagekeeper.connections.mobaro.streams.user: unknown stream; did you mean users? docs/streams.md has all of Mobaro',
    ],
    [
      { connections: { bob: { streams: { pay: { of: 'job-rolls' } } } } },
      'pagekeeper.connections.bob.streams.pay.of: unknown stream; did you mean job-roles? docs/streams.md has all of Bob',
    ],
    [
      { connections: { bob: { streams: { work_history: {} } } } },
      'pagekeeper.connections.bob.streams.work_history: must be named by 1 to 40 small letters, digits and hyphens, a letter first, not "work_history"',
    ],
    [
      { connections: { bob: { streams: { invoices: {} } } } },
      'pagekeeper.connections.bob.streams.invoices: unknown stream; docs/streams.md has all of Bob',
    ],
    [
      { connections: { bob: { streams: { people: { enabled: false } } } } },
      'pagekeeper.connections.bob.streams: must leave at least one stream enabled; remove the connection to stop it',
    ],
    [
      { connections: { mobaro: { baseUrl: 'http://127.0.0.1:9000' } } },
      'pagekeeper.connections.mobaro.baseUrl: must be an https URL without credentials and query, not what is there',
    ],
    [
      { connections: { mobaro: { baseUrl: 'https://key@mobaro.example' } } },
      'pagekeeper.connections.mobaro.baseUrl: must be an https URL without credentials and query, not what is there',
    ],
    [
      { connections: { mobaro: { timeoutSeconds: 1000 } } },
      'pagekeeper.connections.mobaro.timeoutSeconds: must be a whole number from 20 to 900, not 1000',
    ],
    [
      { connections: { mobaro: { limitGroup: 'gate#1' } } },
      'pagekeeper.connections.mobaro.limitGroup: must be named by 1 to 20 small letters, digits and hyphens, a letter first, not "gate#1"',
    ],
    [
      { connections: { mobaro: {}, bob: { limitGroup: 'mobaro' } } },
      'pagekeeper.connections.bob.limitGroup: must not be shared with mobaro, which is another vendor\'s, not "mobaro"',
    ],
    [
      { connections: { mobaro: { limitPerMinute: 0 } } },
      'pagekeeper.connections.mobaro.limitPerMinute: must be a whole number from 1 to 100000, not 0',
    ],
    [
      { connections: { mobaro: { memoryMb: 256 } } },
      'pagekeeper.connections.mobaro.memoryMb: must be a whole number from 512 to 10240, not 256',
    ],
    [
      { connections: { mobaro: { memoryMb: '1 GB' } } },
      'pagekeeper.connections.mobaro.memoryMb: must be a whole number from 512 to 10240, not "1 GB"',
    ],
    [
      { connections: { mobaro: { maxPageMb: 0 } } },
      'pagekeeper.connections.mobaro.maxPageMb: must be a whole number from 1 to 400, not 0',
    ],
    [
      { connections: { mobaro: { maxPageMb: 1.5 } } },
      'pagekeeper.connections.mobaro.maxPageMb: must be a whole number from 1 to 400, not 1.5',
    ],
    [
      { connections: { mobaro: { maxPageMb: 41 } } },
      'pagekeeper.connections.mobaro.maxPageMb: must be at most 40, for reading it takes eight times as much and memoryMb is 512, not 41',
    ],
    [
      { connections: { mobaro: { memoryMb: 1024, maxPageMb: 105 } } },
      'pagekeeper.connections.mobaro.maxPageMb: must be at most 104, for reading it takes eight times as much and memoryMb is 1024, not 105',
    ],
    [
      users({ maxPageMb: 20 }),
      'pagekeeper.connections.mobaro.streams.users.maxPageMb: unknown key; known keys are enabled, schedule, flexibleWindowMinutes, timeZone, freshnessMinutes, pageAfterMinutes, pageSize, continuation, attemptCap, pageBudget, timeBudgetHours, deletionGuard, tombstoneRetentionDays, orderBy, of, params, fields, historyFrom, batchOver, reconcile, limitPerMinute, limits',
    ],
    [
      users({ limitPerMinute: 60 }),
      'pagekeeper.connections.mobaro.streams.users.limitPerMinute: must be set on the connection, for Mobaro counts the whole account, not 60',
    ],
    [
      { connections: { mobaro: { limits: 60 } } },
      'pagekeeper.connections.mobaro.limits: must be a list such as [{ "requests": 1000, "per": "hour" }], not 60',
    ],
    [
      { connections: { mobaro: { limits: [{ requests: 60, per: 'week' }] } } },
      'pagekeeper.connections.mobaro.limits.0.per: must be one of "second", "minute", "hour", "day", not "week"',
    ],
    [
      users({ limits: [] }),
      'pagekeeper.connections.mobaro.streams.users.limits: must be set on the connection, for Mobaro counts the whole account, not []',
    ],
    [
      {
        connections: {
          mobaro: { limits: [{ requests: 1000, per: 'day' }] },
          north: { connector: 'mobaro', limitGroup: 'mobaro' },
        },
      },
      'pagekeeper.connections.north.limits: must be the same as that of mobaro, which has the same limit, not left out',
    ],
    [
      { connections: { bob: { limitPerMinute: 60 } } },
      'pagekeeper.connections.bob.limitPerMinute: must be set on a stream, for Bob counts each endpoint by itself, not 60',
    ],
    [
      {
        connections: {
          mobaro: { limitPerMinute: 60 },
          north: { connector: 'mobaro', limitGroup: 'mobaro' },
        },
      },
      'pagekeeper.connections.north.limitPerMinute: must be the same as that of mobaro, which has the same limit, not left out',
    ],
    [
      {
        connections: {
          bob: { streams: { people: { limitPerMinute: 60 } } },
          south: {
            connector: 'bob',
            limitGroup: 'bob',
            streams: { people: { limitPerMinute: 70 }, employment: {} },
          },
        },
      },
      'pagekeeper.connections.south.streams.people.limitPerMinute: must be the same as that of bob/people, which has the same limit, not 70',
    ],
    [
      users({ attemptCap: 7 }),
      'pagekeeper.connections.mobaro.streams.users.attemptCap: must be a whole number from 3 to 6, not 7',
    ],
    [
      users({ attemptCap: '5' }),
      'pagekeeper.connections.mobaro.streams.users.attemptCap: must be a whole number from 3 to 6, not "5"',
    ],
    [
      users({ timeBudgetHours: 0 }),
      'pagekeeper.connections.mobaro.streams.users.timeBudgetHours: must be a whole number from 1 to 744, not 0',
    ],
    [
      users({ timeBudgetHours: 745 }),
      'pagekeeper.connections.mobaro.streams.users.timeBudgetHours: must be a whole number from 1 to 744, not 745',
    ],
    [
      users({ timeBudget: 48 }),
      'pagekeeper.connections.mobaro.streams.users.timeBudget: unknown key; known keys are enabled, schedule, ' +
        'flexibleWindowMinutes, timeZone, freshnessMinutes, pageAfterMinutes, pageSize, continuation, attemptCap, pageBudget, timeBudgetHours, ' +
        'deletionGuard, tombstoneRetentionDays, orderBy, of, params, fields, historyFrom, batchOver, reconcile, limitPerMinute, limits',
    ],
    [
      users({ deletionGuard: false }),
      'pagekeeper.connections.mobaro.streams.users.deletionGuard: must be an object with any of the keys rows, percent, not false',
    ],
    [
      users({ deletionGuard: { row: 5 } }),
      'pagekeeper.connections.mobaro.streams.users.deletionGuard.row: unknown key; known keys are rows, percent',
    ],
    [
      users({ deletionGuard: { rows: -1 } }),
      'pagekeeper.connections.mobaro.streams.users.deletionGuard.rows: must be a whole number from 0 to 1000000, not -1',
    ],
    [
      users({ deletionGuard: { percent: 101 } }),
      'pagekeeper.connections.mobaro.streams.users.deletionGuard.percent: must be a whole number from 0 to 100, not 101',
    ],
    [
      users({ deletionGuard: { percent: '10 %' } }),
      'pagekeeper.connections.mobaro.streams.users.deletionGuard.percent: must be a whole number from 0 to 100, not "10 %"',
    ],
    [
      users({ tombstoneRetentionDays: 0 }),
      'pagekeeper.connections.mobaro.streams.users.tombstoneRetentionDays: must be a whole number from 1 to 3650, not 0',
    ],
    [
      users({ tombstoneRetentionDays: 1.5 }),
      'pagekeeper.connections.mobaro.streams.users.tombstoneRetentionDays: must be a whole number from 1 to 3650, not 1.5',
    ],
    [
      users({ pageSize: 129 }),
      "pagekeeper.connections.mobaro.streams.users.pageSize: must be at most 128, the vendor's maximum, not 129",
    ],
    [
      people({ pageSize: 10 }),
      'pagekeeper.connections.bob.streams.people.pageSize: must be left out, for the vendor answers in one page, not 10',
    ],
    [
      users({ orderBy: 'createdAt' }),
      'pagekeeper.connections.mobaro.streams.users.orderBy: must be a field and a direction, such as "createdAt:asc", not "createdAt"',
    ],
    [
      people({ orderBy: 'createdAt:asc' }),
      'pagekeeper.connections.bob.streams.people.orderBy: must be left out, for the vendor cannot sort this list, not "createdAt:asc"',
    ],
    [
      users({ fields: ['name'] }),
      'pagekeeper.connections.mobaro.streams.users.fields: must be left out, for the vendor chooses the fields, not ["name"]',
    ],
    [
      people({ fields: [] }),
      'pagekeeper.connections.bob.streams.people.fields: must be 1 to 400 different field ids, not []',
    ],
    [
      people({ fields: ['root.id', 'root.id'] }),
      'pagekeeper.connections.bob.streams.people.fields: must be 1 to 400 different field ids, not ["root.id","root.id"]',
    ],
    [
      people({ fields: { mask: 'base' } }),
      'pagekeeper.connections.bob.streams.people.fields.mask: must be a list of field ids, not "base"',
    ],
    [
      people({ fields: { omit: ['work.title', 4] } }),
      'pagekeeper.connections.bob.streams.people.fields.omit.1: must be a field id, which has no braces, not 4',
    ],
    [
      people({ fields: { masc: ['base'] } }),
      'pagekeeper.connections.bob.streams.people.fields.masc: unknown key; known keys are ask, omit, mask',
    ],
    [
      people({ fields: 'base' }),
      'pagekeeper.connections.bob.streams.people.fields: must be a list of field ids, or an object with any of the keys ask, omit, mask, not "base"',
    ],
    [
      people({ fields: ['root.id', '{today}'] }),
      'pagekeeper.connections.bob.streams.people.fields.1: must be a field id, which has no braces, not "{today}"',
    ],
    [
      people({ fields: { omit: ['work.title', '/root/id'] } }),
      'pagekeeper.connections.bob.streams.people.fields: must not name a part of the id, which is what a record is kept under, not "/root/id"',
    ],
    [
      people({ fields: { mask: ['id'] } }),
      'pagekeeper.connections.bob.streams.people.fields: must not name a part of the id, which is what a record is kept under, not "id"',
    ],
    [
      table({ table: 5 }),
      'pagekeeper.connections.bob.streams.custom-table.params.table: must be a text, or a list of texts, not 5',
    ],
    [
      table({ table: [5] }),
      'pagekeeper.connections.bob.streams.custom-table.params.table.0: must be a text, not 5',
    ],
    [
      table('x'),
      'pagekeeper.connections.bob.streams.custom-table.params: must be an object of texts, or of lists of texts, not "x"',
    ],
    [
      table({ table: '.' }),
      'pagekeeper.connections.bob.streams.custom-table.params.table: must not be a step between the segments of a path, not "."',
    ],
    [
      table({ table: '..' }),
      'pagekeeper.connections.bob.streams.custom-table.params.table: must not be a step between the segments of a path, not ".."',
    ],
    [
      { connections: { bob: { streams: { 'custom-table': { params: { table: 'a' } } } } } },
      'pagekeeper.connections.bob.streams.custom-table: needs the stream people beside it, for it is asked for one of its records at a time',
    ],
    [
      { connections: { bob: { streams: { salary: {} } } } },
      'pagekeeper.connections.bob.streams.salary: unknown stream; did you mean salaries? docs/streams.md has all of Bob',
    ],
    [
      {
        connections: {
          bob: { streams: { people: { of: 'employment' }, 'custom-table': { params: { table: 'a' } } } },
        },
      },
      'pagekeeper.connections.bob.streams.people.of: must be people or left out, for custom-table is asked for one of its records at a time, not "employment"',
    ],
    [
      users({ reconcile: 'rate(7 days)' }),
      'pagekeeper.connections.mobaro.streams.users.reconcile: must be left out, for each run walks all that the stream has, not "rate(7 days)"',
    ],
    [
      users({ reconcile: 'weekly' }),
      'pagekeeper.connections.mobaro.streams.users.reconcile: must be a rate from "rate(1 hour)" to "rate(366 days)", not "weekly"',
    ],
    [
      results({ historyFrom: '2024-02-31' }),
      'pagekeeper.connections.mobaro.streams.results.historyFrom: must be a date such as "2024-01-31", not "2024-02-31"',
    ],
    [
      results({ historyFrom: '2023-02-29' }),
      'pagekeeper.connections.mobaro.streams.results.historyFrom: must be a date such as "2024-01-31", not "2023-02-29"',
    ],
    [
      results({ historyFrom: '2024-13-01' }),
      'pagekeeper.connections.mobaro.streams.results.historyFrom: must be a date such as "2024-01-31", not "2024-13-01"',
    ],
    [
      results({ historyFrom: '2999-01-31' }),
      'pagekeeper.connections.mobaro.streams.results.historyFrom: must be past: what happens from then on is read anyway, not "2999-01-31"',
    ],
    [
      {
        connections: {
          bob: { streams: { people: {}, folk: { of: 'people', limitPerMinute: 20 } } },
        },
      },
      'pagekeeper.connections.bob.streams.folk.limitPerMinute: must be the same as that of bob/people, which has the same limit, not 20',
    ],
    [
      users({ schedule: 'hourly' }),
      'pagekeeper.connections.mobaro.streams.users.schedule: must be rate(15 minutes) or cron(0 * * * ? *), as EventBridge Scheduler writes them, not "hourly"',
    ],
    [
      users({ timeZone: 'Copenhagen' }),
      'pagekeeper.connections.mobaro.streams.users.timeZone: must be an IANA time zone such as "Europe/Copenhagen", not "Copenhagen"',
    ],
    [
      users({ continuation: 'nextTick' }),
      'pagekeeper.connections.mobaro.streams.users.freshnessMinutes: must be given with "nextTick": minutes in which a whole run, of many ticks, is to be complete, not left out',
    ],
    [
      users({ schedule: 'rate(1 hour)', freshnessMinutes: 60 }),
      'pagekeeper.connections.mobaro.streams.users.freshnessMinutes: must be at least the longest gap between two ticks, 65 minutes, not 60',
    ],
    [
      { egress: { subnetIds: ['subnet-0123abcd'] } },
      'pagekeeper.egress.securityGroupIds: must be a list, not left out',
    ],
    [
      { egress: { subnetIds: [], securityGroupIds: ['sg-0123abcd'] } },
      'pagekeeper.egress.subnetIds: must name at least one of the subnets, not []',
    ],
    [
      { egress: { subnetIds: ['vpc-1'], securityGroupIds: ['sg-0123abcd'] } },
      'pagekeeper.egress.subnetIds.0: must be an id such as "subnet-0123456789abcdef0", not "vpc-1"',
    ],
    [
      { kmsKey: 'alias/pagekeeper' },
      'pagekeeper.kmsKey: must be the ARN of the key itself: an alias can be turned to another one, which cannot read what is stored, not "alias/pagekeeper"',
    ],
    [
      { kmsKey: 'arn:aws:kms:eu-west-1:123456789012:alias/pagekeeper' },
      'pagekeeper.kmsKey: must be the ARN of the key itself: an alias can be turned to another one, which cannot read what is stored, not what is there',
    ],
    ...[
      '01234567-89ab-cdef-0123-456789abcdef',
      'arn:aws:kms:eu-west-1:123456789012:key/0123',
      'arn:aws:kms::123456789012:key/01234567-89ab-cdef-0123-456789abcdef',
      'arn:aws:kms:eu-west-1:12345:key/01234567-89ab-cdef-0123-456789abcdef',
      'arn:aws:s3:eu-west-1:123456789012:key/01234567-89ab-cdef-0123-456789abcdef',
      'arn:aws:kms:eu-west-1:123456789012:key/01234567-89ab-cdef-0123-456789abcdef ',
    ].map((kmsKey): [unknown, string] => [
      { kmsKey },
      'pagekeeper.kmsKey: must be the ARN of a KMS key such as "arn:aws:kms:eu-west-1:123456789012:key/…", not what is there',
    ]),
    [
      { kmsKey: { arn: 'x' } },
      'pagekeeper.kmsKey: must be the ARN of a KMS key such as "arn:aws:kms:eu-west-1:123456789012:key/…", not {"arn":"x"}',
    ],
    [
      { kmskey: 'x' },
      'pagekeeper.kmskey: unknown key; known keys are stage, onCall, runbookUrl, retentionDays, tables, changes, lake, egress, nested, kmsKey, connectors, connections',
    ],
    [
      { tables: { records: { name: 'one' }, checkpoints: { name: 'one' } } },
      'pagekeeper.tables.checkpoints.name: must be another table than that of records, not "one"',
    ],
    [
      { tables: { records: { name: 'a/b' } } },
      'pagekeeper.tables.records.name: must be the name of a table of DynamoDB, not "a/b"',
    ],
    [
      { tables: { checkpoints: {} } },
      'pagekeeper.tables.checkpoints.name: must be the name of a table of DynamoDB, not left out',
    ],
    [
      { tables: { recrods: { name: 'abc' } } },
      'pagekeeper.tables.recrods: unknown key; known keys are records, checkpoints',
    ],
    ...[true, null, 90, 'no', [], [90]].map((changes): [unknown, string] => [
      { changes },
      `pagekeeper.changes: must be false, or an object with any of the keys retentionDays, before, not ${JSON.stringify(changes)}`,
    ]),
    ...[6, 3651, 7.5, '90'].map((retentionDays): [unknown, string] => [
      { changes: { retentionDays } },
      `pagekeeper.changes.retentionDays: must be a whole number from 7 to 3650, not ${JSON.stringify(retentionDays)}`,
    ]),
    [{ changes: { before: 'yes' } }, 'pagekeeper.changes.before: must be true or false, not "yes"'],
    [
      { changes: { after: true } },
      'pagekeeper.changes.after: unknown key; known keys are retentionDays, before',
    ],
    [
      adopted({ streamArn: streamOf('another') }),
      'pagekeeper.tables.records.streamArn: must be of the table that is named, not what is there',
    ],
    [
      adopted({ streamArn: 'restored' }),
      'pagekeeper.tables.records.streamArn: must be the ARN of a table\'s stream such as "arn:aws:dynamodb:eu-west-1:123456789012:table/NAME/stream/2026-11-30T00:00:00.000", not "restored"',
    ],
    [
      { tables: { records: { streamArn: streamOf('restored') } } },
      'pagekeeper.tables.records.name: must be the name of a table of DynamoDB, not left out',
    ],
    [
      { tables: { checkpoints: { name: 'restored', streamArn: streamOf('another') } } },
      'pagekeeper.tables.checkpoints.streamArn: must be of the table that is named, not what is there',
    ],
    [
      { tables: { checkpoints: { name: 'restored', streamArn: 'restored' } } },
      'pagekeeper.tables.checkpoints.streamArn: must be the ARN of a table\'s stream such as "arn:aws:dynamodb:eu-west-1:123456789012:table/NAME/stream/2026-11-30T00:00:00.000", not "restored"',
    ],
    [
      { ...adopted(), changes: {} },
      'pagekeeper.tables.records.streamArn: must name the stream of the table, for the change log is made from it; aws dynamodb describe-table shows it as LatestStreamArn',
    ],
    [
      { connections: { watchdog: { connector: 'mobaro' } } },
      'pagekeeper.connections.watchdog: must be named otherwise: every deployment has a part of that name, not "watchdog"',
    ],
    [
      { onCall: { emails: ['a@example.com', 'b@example.com', 'A@example.com'] } },
      'pagekeeper.onCall.emails.2: must stand in the list once, not what is there',
    ],
    [
      { onCall: { tickets: { https: ['https://pager.example/a', 'https://pager.example/a'] } } },
      'pagekeeper.onCall.tickets.https.1: must stand in the list once, not what is there',
    ],
    [
      { onCall: { https: [{ parameter: '/a' }, { parameter: '/a' }] } },
      'pagekeeper.onCall.https.1: must stand in the list once, not what is there',
    ],
    [
      { onCall: { https: ['https://user:pass@pager.example/'] } },
      'pagekeeper.onCall.https.0: must be an https URL without credentials, or an object that names where one is kept, not what is there',
    ],
    [
      { onCall: { https: [{ secret: 'a:b' }] } },
      'pagekeeper.onCall.https.0.secret: must be the name of a secret of Secrets Manager, not "a:b"',
    ],
    [
      { onCall: { https: [{ secret: 'a', field: '' }] } },
      'pagekeeper.onCall.https.0.field: must be the name of a field of the secret\'s JSON, not ""',
    ],
    [
      { onCall: { https: [{ parameter: 3 }] } },
      'pagekeeper.onCall.https.0.parameter: must be the name of a parameter of Systems Manager, which begins with "/" where it has a "/", not 3',
    ],
    [
      { onCall: { https: [{ parameter: 'on-call/url' }] } },
      'pagekeeper.onCall.https.0.parameter: must be the name of a parameter of Systems Manager, which begins with "/" where it has a "/", not "on-call/url"',
    ],
    [
      { onCall: { https: [{ secret: 'a', parameter: '/b' }] } },
      'pagekeeper.onCall.https.0: must name either a secret or a parameter, not what is there',
    ],
    [
      { onCall: { https: [{ secret: 'a', url: 'b' }] } },
      'pagekeeper.onCall.https.0.url: unknown key; known keys are secret, field',
    ],
    [
      { onCall: { slack: { workspaceId: 'acme', channelId: 'C0123' } } },
      'pagekeeper.onCall.slack.workspaceId: must be a Slack workspace id such as "T0123ABCD", not "acme"',
    ],
    [
      { onCall: { tickets: { slack: { workspaceId: 'T0123' } } } },
      'pagekeeper.onCall.tickets.slack.channelId: must be a Slack channel id such as "C0123ABCD", not left out',
    ],
    [
      users({ schedule: 'rate(10 minutes)', flexibleWindowMinutes: 6 }),
      "pagekeeper.connections.mobaro.streams.users.flexibleWindowMinutes: must be at most half of the schedule's shortest gap, 5 minutes, not 6",
    ],
    [
      users({ continuation: 'later' }),
      'pagekeeper.connections.mobaro.streams.users.continuation: must be one of "queue", "nextTick", not "later"',
    ],
    [
      users({ enabled: 'no' }),
      'pagekeeper.connections.mobaro.streams.users.enabled: must be true or false, not "no"',
    ],
    [
      { retentionDays: 100 },
      'pagekeeper.retentionDays: must be a number of days that CloudWatch Logs knows (1, 3, 5, 7, 14, 30, 60, 90, 120, ' +
        '150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653), not 100',
    ],
  ])('%j', (context, sentence) => {
    expect(messageOf(context)).toBe(sentence);
  });

  it('and several of them in a line each', () => {
    expect(messageOf({ stage: 'X', retentionDays: -1 }).split('\n')).toEqual([
      expect.stringContaining('pagekeeper.stage:'),
      expect.stringContaining('pagekeeper.retentionDays:'),
    ]);
  });
});
