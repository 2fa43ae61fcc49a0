import { stripVTControlCharacters } from 'node:util';

import { describe, expect, it } from 'vitest';

import type { KeyPlace } from '../../../../infra/laptop/options/keys.ts';
import { finalReport, type FinalReport } from '../../../../infra/laptop/report/final-report.ts';
import type { StoredHere } from '../../../../infra/laptop/report/stored-section.ts';
import type { StreamSummary, Summary } from '../../../../infra/laptop/report/summary.ts';
import type { AlarmLine } from '../../../../lib/on-call/alarm-text.ts';
import { colorsFor, plain } from '../../../../infra/terminal/colors.ts';

function stream(name: string, more: Partial<StreamSummary> = {}): StreamSummary {
  return {
    stream: name,
    outcome: 'complete',
    pages: 12,
    requests: 14,
    redrives: 2,
    records: 1037,
    written: 1037,
    unchanged: 0,
    deleted: 0,
    position: null,
    attempt: 0,
    lastStatus: 200,
    reason: null,
    ...more,
  };
}

const here = {
  dataOption: '',
  again: 'npm start',
  runs: false,
  keys: new Map<string, KeyPlace>(),
  texts: new Map(),
};

function reportOf(
  streams: readonly StreamSummary[],
  more: Partial<FinalReport> = {},
  columns = 100,
  colors = plain,
): string {
  const summary: Summary = {
    schemaVersion: 1,
    streams,
    alarms: [],
    notifications: [],
    changes: null,
    events: {},
    seconds: 12.3,
  };
  return finalReport(
    {
      summary,
      alarms: [],
      ended: 'settled',
      notLookedAt: new Set(),
      watched: false,
      hasData: true,
      stored: { records: 1124, isMore: false, streams: 2, example: null, shows: 'nothing' },
      dataDir: '.pagekeeper',
      here,
      timeoutSeconds: 900,
      ...more,
    },
    columns,
    colors,
  );
}

const alarm = { name: 'a', state: 'OK', reason: '', description: '' } as const;

describe('finalReport', () => {
  it('is short when all went well', () => {
    const text = reportOf(
      [stream('mobaro/users'), stream('bob/people', { pages: 1, records: 87, written: 87 })],
      {
        alarms: [alarm, { ...alarm, state: 'INSUFFICIENT_DATA' }],
      },
    );

    expect(text).toBe(`✓ 2 of 2 streams complete in 12.3 s

 stream         outcome    pages   re-drives   records   written   unchanged
 mobaro/users   complete      12           2     1,037     1,037           0
 bob/people     complete       1           2        87        87           0

Alarms: none in ALARM (1 alarm OK, 1 without data).

Stored: 1,124 records of 2 streams.

Data: .pagekeeper

Next:
  npx pagekeeper records mobaro/users --format csv  what has been stored
  npx pagekeeper status                             how every stream stands
  npm start                                         again: what has not changed is not rewritten`);
  });

  it('says what is wrong, and what to do about it where people have been told before', () => {
    const none = { pages: 0, redrives: 0, records: 0, written: 0 };
    const streams = [
      stream('mobaro/users', { outcome: 'missing', reason: 'HTTP 404', position: 40 }),
      stream('mobaro/webhooks', { outcome: 'partial', reason: 'the vendor left something out' }),
      stream('bob/people', { ...none, outcome: 'unauthorized', reason: 'HTTP 401' }),
      stream('bob/employment', { ...none, outcome: 'exhausted', reason: 'HTTP 503', position: 'c2Vjb25k' }),
    ];
    const summary: Summary = {
      schemaVersion: 1,
      streams,
      alarms: [],
      notifications: [],
      changes: null,
      events: {},
      seconds: 12.3,
    };
    const lines: readonly AlarmLine[] = [
      {
        says: 'The key was refused, and nothing of bob is called any more until there is another one that is not refused as well.',
      },
      { says: 'Put it in place:', command: { kind: 'secret', connection: 'bob', stack: 'Pagekeeper' } },
      { says: 'Or:', command: { kind: 'pagekeeper', args: 'resume bob', stack: 'Pagekeeper' } },
      { says: 'See why:', command: { kind: 'other', line: 'aws logs tail /pagekeeper' } },
      { says: 'Runbook:', page: 'there' },
    ];
    const text = reportOf(streams, {
      summary,
      here: {
        dataOption: ' --data here',
        again: 'npm start -- --data here --base-url bob=live',
        runs: false,
        keys: new Map([
          ['bob', { kind: 'variables', names: ['BOB_SERVICE_USER_ID', 'BOB_SERVICE_USER_TOKEN'] }],
        ]),
        texts: new Map([['bob unauthorized', lines]]),
      },
      alarms: [alarm, { ...alarm, name: 'bob unauthorized', state: 'ALARM' }],
    });

    expect(text).toBe(`✗ 0 of 4 streams complete in 12.3 s

 stream            outcome        pages   re-drives   records   written   unchanged   goes on at
 mobaro/users      missing           12           2     1,037     1,037           0   offset 40
 mobaro/webhooks   partial           12           2     1,037     1,037           0
 bob/people        unauthorized       0           0         0         0           0
 bob/employment    exhausted          0           0         0         0           0   its cursor

✗ bob: the vendor refused the key (401); 1 stream halted
✗ mobaro/users: the vendor knows no such stream (404) (HTTP 404)
✗ mobaro/webhooks: synced to its end, but the vendor left something out (the vendor left something out)
✗ bob/employment: gave up for now after too many tries; goes on at the same place when the vendor answers again (HTTP 503)

✗ in ALARM: bob unauthorized
  The key was refused, and nothing of bob is called any more until there is another one that is not
  refused as well.
  Put it in place: set BOB_SERVICE_USER_ID and BOB_SERVICE_USER_TOKEN anew, then:
    npm start -- --data here --base-url bob=live
  Or:
    npx pagekeeper resume bob --data here
  Runbook: there

Besides: 1 alarm OK.

Stored: 1,124 records of 2 streams.

Data: .pagekeeper

Next:
  npx pagekeeper resume bob --data here  tries the key again; or set another BOB_SERVICE_USER_ID, BOB_SERVICE_USER_TOKEN
  npx pagekeeper resume mobaro/users --data here                once its cause is fixed
  npx pagekeeper records mobaro/users --format csv --data here  what has been stored
  npx pagekeeper status --data here                             how every stream stands
  npm start -- --data here --base-url bob=live                  goes on where it stopped`);
  });

  it('shows what people are told as an e-mail has it, and of the alarms no more than their names', () => {
    const notification = (listeners: 'people' | 'machines', subject: string, message: string) => ({
      ...{ topic: 't', listeners, subject, message },
    });
    const ofCloudWatch = { AlarmDescription: 'It is\nsilent.', NewStateValue: 'ALARM', OldStateValue: 'OK' };
    const summary: Summary = {
      ...{ schemaVersion: 1, streams: [], alarms: [], changes: null, events: {}, seconds: 12.3 },
      notifications: [
        notification('machines', 'ALARM: "bob unauthorized"', '{}'),
        notification('people', 'PAGE bob', 'The key was refused.\n\nThen:\n  npx pagekeeper fix \u202ebob'),
        notification('people', 'ALARM: "watchdog silent"', JSON.stringify(ofCloudWatch)),
      ],
    };
    const text = reportOf([], {
      summary,
      here: { ...here, texts: new Map([['bob unauthorized', [{ says: 'At length.' }]]]) },
      alarms: [alarm, { ...alarm, name: 'bob unauthorized', state: 'ALARM' }],
    });

    expect(text).toContain(`
✗ in ALARM: bob unauthorized
Besides: 1 alarm OK.

2 messages to on-call:

  PAGE bob

  The key was refused.

  Then:
    npx pagekeeper fix \\u202ebob

  ALARM: "watchdog silent"

  It is
  silent.

Stored:`);
  });

  it.each<[KeyPlace, string]>([
    [{ kind: 'file', file: 'keys.json' }, 'put another into keys.json'],
    [{ kind: 'asked' }, 'type another when the next start asks'],
    [{ kind: 'variables', names: ['BOB_KEY'] }, 'set another BOB_KEY'],
  ])('says where another key goes: %j', (place, words) => {
    const keys = new Map([['bob', place]]);
    const text = reportOf([stream('bob/people', { outcome: 'unauthorized' })], { here: { ...here, keys } });

    expect(text).toMatch(new RegExp(`npx pagekeeper resume bob +tries the key again; or ${words}\\n`));
  });

  it.each([
    ['in plain', plain],
    ['in colours', colorsFor({ isTTY: true }, {})],
  ])('fits its table into 80 columns, %s', (_, colors) => {
    const streams = ['mobaro/users', 'bob/time-off-changes'].map((name) => stream(name));
    const lines = stripVTControlCharacters(reportOf(streams, {}, 80, colors))
      .split('\n')
      .slice(2, 5);

    expect(lines).toEqual([
      ' stream                outcome   pages  re-drives  records  written  unchanged',
      ' mobaro/users          complete     12          2    1,037    1,037          0',
      ' bob/time-off-changes  complete     12          2    1,037    1,037          0',
    ]);
  });

  it('leaves columns out where the screen is too narrow for all, the places to go on at last', () => {
    const streams = [
      stream('bob/time-off-changes', { outcome: 'waiting', position: 40, deleted: 3 }),
      stream('headquarters/people'),
    ];
    const headAt = (columns: number): string | undefined => reportOf(streams, {}, columns).split('\n')[2];

    expect(headAt(80)).toBe(' stream                outcome   pages  records  written  deleted  goes on at');
    expect(headAt(70)).toBe(' stream                outcome   pages  records  written  deleted');
    expect(headAt(20)).toBe(headAt(70));
  });

  it.each<[StoredHere['shows'], string]>([
    [
      'rows',
      'Stored: 1,124 records of 2 streams. The first 2 of mobaro/users:\n  {"id":"u-1","name":"Invented"}\n  {"id":"u-2","name":"Invented, too, and longer tha…\n',
    ],
    ['fields', 'Stored: 1,124 records of 2 streams. Those of mobaro…\n'],
    ['nothing', 'Stored: 1,124 records of 2 streams.\n'],
  ])('shows %s of what is stored, no line longer than the screen', (shows, words) => {
    const rows = [
      '{"id":"u-1","name":"Invented"}',
      '{"id":"u-2","name":"Invented, too, and longer than a line"}',
    ];
    const stored = {
      records: 1124,
      isMore: false,
      streams: 2,
      example: { stream: 'mobaro/users', rows },
      shows,
    };

    expect(reportOf([stream('mobaro/users')], { stored }, 52)).toContain(words);
  });

  it('names the fields of a real vendor, and nothing of a row', () => {
    const rows = ['{"id":"u-1","name":"Jane"}', '{"id":"u-2","site":"Oslo"}'];
    const example = { stream: 'mobaro/users', rows };
    const stored = { records: 20_000, isMore: true, streams: 1, example, shows: 'fields' } as const;

    const text = reportOf([stream('mobaro/users')], { stored });
    expect(text).toContain(
      'Stored: more than 20,000 records of 1 stream. Those of mobaro/users have id, name, site\n',
    );
    expect(text).not.toMatch(/Jane|Oslo|u-1/);
  });

  it('counts deletions where there are any, and proposes what lets held ones happen', () => {
    const reason = 'the vendor does not give 150 of 197 records any more';
    const text = reportOf(
      [
        stream('mobaro/users', { outcome: 'suspicious', reason }),
        stream('mobaro/webhooks', { deleted: 1003 }),
      ],
      { here: { ...here, dataOption: ' --data here', again: 'npm start -- --data here' } },
    );

    expect(text).toBe(`✗ 1 of 2 streams complete in 12.3 s

 stream            outcome      pages   re-drives   records   written   unchanged   deleted
 mobaro/users      suspicious      12           2     1,037     1,037           0         0
 mobaro/webhooks   complete        12           2     1,037     1,037           0     1,003

✗ mobaro/users: a mass deletion waits for a person (the vendor does not give 150 of 197 records any more)

Stored: 1,124 records of 2 streams.

Data: .pagekeeper

Next:
  npx pagekeeper allow-deletions mobaro/users --data here  if they are really gone; the next start deletes them
  npx pagekeeper records mobaro/users --format csv --data here  what has been stored
  npx pagekeeper status --data here                             how every stream stands
  npm start -- --data here                              again: what has not changed is not rewritten`);
  });

  it.each([
    [['complete', 'suspicious'], 'again: what has not changed is not rewritten'],
    [['partial'], 'begins anew; what has not changed is not rewritten'],
    [['drifted', 'complete'], 'begins anew; what has not changed is not rewritten'],
    [['partial', 'exhausted'], 'goes on where it stopped'],
  ] as const)('says of streams that are %j what the next start does', (outcomes, next) => {
    const text = reportOf(outcomes.map((outcome, index) => stream(`mobaro/s${String(index)}`, { outcome })));

    expect(text.split('\n').at(-1)).toMatch(new RegExp(`^  npm start +${next}$`));
  });

  it.each([
    ['timed-out', '✗ 0 of 1 stream complete in 12.3 s: stopped by --timeout 900'],
    [
      'interrupted',
      '✗ 0 of 1 stream complete in 12.3 s: stopped by hand; the next start goes on where this one stopped',
    ],
    ['failed', '✗ 0 of 1 stream complete in 12.3 s: the run broke down'],
  ] as const)('says that a run %s', (ended, headline) => {
    const text = reportOf([stream('mobaro/users', { outcome: 'waiting' })], { ended });

    expect(text.split('\n')[0]).toBe(headline);
  });

  const none = { pages: 0, requests: 0, redrives: 0, records: 0, written: 0 };
  const untouched = { ...none, outcome: 'waiting', lastStatus: null } as const;

  it('does not take it for a failure that a watch is stopped by hand', () => {
    const text = reportOf([stream('mobaro/users')], { watched: true, ended: 'interrupted' });

    expect(text.split('\n')[0]).toBe('✓ 1 of 1 stream complete, watched for 13 s');
  });

  it.each([
    ['timed-out', 'stopped by --timeout 3', 'tries again, with up to 900 s'],
    ['interrupted', 'stopped by hand', 'tries again'],
    ['failed', 'the run broke down', 'tries again'],
  ] as const)('says of a run that %s in the synthesis that no stream was looked at', (ended, why, next) => {
    const more = {
      ended,
      hasData: false,
      stored: null,
      notLookedAt: new Set(['mobaro/users']),
      timeoutSeconds: 3,
    };

    expect(reportOf([stream('mobaro/users', untouched)], more)).toBe(
      `✗ 0 of 1 stream complete in 12.3 s: ${why} before any stream was looked at

Data: .pagekeeper

Next:
  npm start  ${next}`,
    );
  });

  it('says which streams were not looked at, and what is known of them from before', () => {
    const text = reportOf(
      [
        stream('mobaro/users', { outcome: 'running', position: 40 }),
        stream('bob/people', { ...untouched, reason: 'HTTP 503', position: 20 }),
        stream('bob/employment', { ...untouched, outcome: 'missing', reason: 'HTTP 404' }),
      ],
      { ended: 'timed-out', notLookedAt: new Set(['bob/people', 'bob/employment']) },
    );

    expect(text).toMatch(/^.*: stopped by --timeout 900\n/);
    expect(text).toMatch(/^ bob\/people +not looked at .* offset 20$/m);
    expect(text).toMatch(/^ bob\/employment +missing /m);
    expect(text).not.toContain('… bob/people');
    expect(text).toMatch(/npm start +goes on where it stopped$/);
  });
});
