import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { nextIncidents, type Incident, type News } from '../../../lib/on-call/incident.ts';
import { messageOf, type ToldConnection } from '../../../lib/on-call/incident-message.ts';
import { subjectOf, typedOnLaptop, type Message } from '../../../lib/on-call/message.ts';
import { standingOf } from '../../../lib/on-call/standing.ts';
import { newBreaker } from '../../../lib/sync/breaker.ts';
import { newCheckpoint, type Checkpoint } from '../../../lib/sync/checkpoint.ts';
import { OnCallWorld, stopped } from '../../support/on-call-world.ts';

const { deps, connection, clock } = new OnCallWorld([
  ...['mobaro/users', 'mobaro/locations', 'mobaro/assignments', 'mobaro/checklists'],
]);
const since = clock.now();
const now = since + 9 * 60_000;
const patience = { gatherMs: 0, joinedMs: 0, seenMs: 0, worseMs: 0, overMs: 0, unmutedMs: 0 };

interface Given {
  readonly streams: Readonly<Record<string, Partial<Checkpoint>>>;
  readonly isRefused?: boolean;
  readonly unreadable?: readonly string[];
  readonly before?: readonly Incident[];
}

/** What is told of what is stored. */
function told({ streams, isRefused = false, unreadable = [], before = [] }: Given): {
  readonly open: readonly Incident[];
  readonly news: readonly News[];
  readonly of: ToldConnection;
  readonly messages: readonly Message[];
} {
  const checkpoints = new Map(
    connection.streams
      .filter(({ name }) => !unreadable.includes(name))
      .map(({ name }) => [
        name,
        { ...newCheckpoint(name), freshFrom: now, ...streams[name.slice('mobaro/'.length)] },
      ]),
  );
  const breaker = newBreaker('mobaro');
  const standing = standingOf(
    {
      ...{
        streams: connection.streams,
        checkpoints,
        damaged: new Set(unreadable),
        unreadable: new Set(unreadable),
      },
      breaker: isRefused ? { ...breaker, state: 'open', openedAt: since } : breaker,
    },
    now,
  );
  const { open, news } = nextIncidents(before, standing, now, patience);
  const of = { ...connection, checkpoints, standing, now };
  return { open, news, of, messages: news.map((one) => messageOf(one, of, deps)) };
}

const failing = (lastStatus: number | null, reason: string): Partial<Checkpoint> => ({
  ...stopped('exhausted', since),
  lastStatus,
  reason,
});

const each = <Value>(value: Value): Record<string, Value> =>
  Object.fromEntries(['users', 'locations', 'assignments', 'checklists'].map((name) => [name, value]));

const cases: Readonly<Record<string, Given>> = {
  'a refused key': { streams: each(stopped('unauthorized', since)), isRefused: true },
  'all not found': { streams: each(stopped('missing', since)) },
  'one not found': { streams: { users: stopped('missing', since) } },
  'a permission': { streams: { users: { ...stopped('forbidden', since), reason: 'HTTP 403: Forbidden' } } },
  'a request that is not accepted': {
    streams: { users: { ...stopped('rejected', since), reason: 'HTTP 422: unknown field' } },
  },
  'an unknown host': { streams: each(failing(null, 'the host was not found (ENOTFOUND)')) },
  'a host that refuses': { streams: each(failing(null, 'the connection was refused (ECONNREFUSED)')) },
  'a certificate': { streams: each(failing(null, "the host's certificate has expired (CERT_HAS_EXPIRED)")) },
  'no answer in time': { streams: each(failing(null, 'no complete answer within 20 s')) },
  'answers that break off': { streams: { users: failing(null, 'the answer was cut off (ECONNRESET)') } },
  'a server error': { streams: each(failing(503, 'HTTP 503: Service Unavailable')) },
  'a server error that lasts': {
    streams: { users: { ...failing(503, 'HTTP 503: Service Unavailable'), freshFrom: since - 86_400_000 } },
  },
  'too many requests': { streams: { users: failing(429, 'HTTP 429: Too Many Requests') } },
  'answers that cannot be read': {
    streams: { users: { ...stopped('malformed', since), reason: 'the answer is HTML, not JSON' } },
  },
  'an error of its own': { streams: { users: failing(null, 'TypeError before the vendor was called') } },
  'several causes': {
    streams: {
      users: failing(503, 'HTTP 503: Service Unavailable'),
      locations: failing(503, 'HTTP 503: try later'),
      assignments: failing(null, 'no complete answer within 20 s'),
    },
  },
  'a damaged checkpoint': { streams: {}, unreadable: ['mobaro/users'] },
  'one not found, beside a damaged checkpoint': {
    streams: { locations: stopped('missing', since) },
    unreadable: ['mobaro/users'],
  },
  'held deletions': {
    streams: {
      users: { heldDeletions: { rows: 150, of: 197, since }, reason: '150 of 197 records would go' },
    },
  },
  'a run in circles': { streams: { users: stopped('looping', since) } },
  'a late stream': { streams: { users: { freshFrom: since - 86_400_000, reason: null } } },
  'an empty secret': { streams: each({ outcome: 'unconfigured', outcomeAt: since } as const) },
};

/** Without the links, which are the same in all. */
function shown({ severity, subject, text }: Message): string {
  return `${severity}\n${subject}\n\n${text.replace(/\nIts pages:.*/s, '')}`;
}

describe('a message', () => {
  it.each(Object.entries(cases))('of %s says all that is to be known', (_, given) => {
    const { messages } = told(given);
    expect(messages.map(shown).join('\n\n---\n\n')).toMatchSnapshot();
  });

  it.each(Object.entries(cases))('of %s can be read at 80 characters, and has one command', (_, given) => {
    for (const { text } of told(given).messages) {
      const lines = text.split('\n').filter((line) => !line.startsWith('  http'));
      for (const line of lines) expect(line.length).toBeLessThanOrEqual(80);
      expect(lines.filter((line) => line.startsWith('  npx '))).toHaveLength(1);
    }
  });

  it('leads to the logs and to the dashboard in the console', () => {
    const [message] = told({ streams: { users: stopped('missing', since) } }).messages;
    const links = message?.text.split('\n').filter((line) => line.startsWith('  https'));
    expect(links?.map((link) => new URL(link.trim()).hash)).toMatchInlineSnapshot(`
      [
        "#logsV2:logs-insights$3FqueryDetail$3D~$28end~0~start~-10800~timeType~$27RELATIVE~unit~$27seconds~editorString~$27fields*20*40timestamp*2C*20page.stream*2C*20page.outcome*2C*20page.status*2C*20page.attempt*2C*20page.reason*0A*7C*20filter*20page.stream*20in*20*5B*22mobaro*2Fusers*22*5D*0A*7C*20sort*20*40timestamp*20desc*0A*7C*20limit*20100~source~$28~$27*2Fpagekeeper*2FPagekeeper*2Fmobaro*2Fscheduled-sync~$27*2Fpagekeeper*2FPagekeeper*2Fmobaro*2Fqueued-sync$29$29",
        "#dashboards/dashboard/Pagekeeper-eu-west-1",
      ]
    `);
  });

  it('says of an end how each stream has come out of it', () => {
    const { open } = told({ streams: each(stopped('missing', since)) });
    const { messages } = told({
      streams: {
        locations: { ...stopped('missing', since), state: 'paused' },
        assignments: stopped('exhausted', since),
      },
      before: open,
    });
    expect(messages.map(shown).join('\n\n---\n\n')).toMatchSnapshot();
  });

  it('says of an end without a stream that is well what it has given way to', () => {
    const { open } = told({ streams: { users: stopped('exhausted', since) } });
    const { messages } = told({
      streams: each(stopped('unauthorized', since)),
      isRefused: true,
      before: open,
    });
    const over = messages.find(({ subject }) => subject.startsWith('OVER'));
    expect(over?.subject).toBe('OVER Pagekeeper: mobaro pages fail, gives way to key refused (401): users');
    expect(over?.text).toMatch(
      /^Mobaro \(mobaro\): "pages fail" gives way to: key refused \(401\)\. No stream of\sit\sis\swell\syet\./,
    );
  });

  it('says of the end of all that they go on', () => {
    const { open } = told({ streams: each(stopped('unauthorized', since)), isRefused: true });
    const [message] = told({ streams: {}, before: open }).messages;
    expect(message?.text).toContain(
      'Mobaro (mobaro): the key works again; all 4 streams go on by 2026-03-01 12:09\nUTC.',
    );
  });

  it('says of streams that join that it is all of them, and what that means', () => {
    const { open } = told({ streams: { users: stopped('missing', since) } });
    const { messages } = told({ streams: each(stopped('missing', since)), before: open });
    expect(messages.map(shown).join('\n\n---\n\n')).toMatchSnapshot();
  });

  it('has a subject of ASCII that SNS takes, however long or foreign the names are', () => {
    expect(subjectOf('PAGE Pagekeeper: mobaro pages fail: attractiöns, 園')).toBe(
      'PAGE Pagekeeper: mobaro pages fail: attractions, ?',
    );
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) => {
        expect(subjectOf(`PAGE ${text}`)).toMatch(/^[!-~][ -~]{0,98}$/);
      }),
    );
  });

  it('names the commands of a laptop on a laptop, and no console', () => {
    const laptop = { ...deps, region: null, typed: typedOnLaptop(' --data night') };
    const { news, of } = told({ streams: { users: stopped('missing', since) } });
    const [message] = news.map((one) => messageOf(one, of, laptop));
    expect(message?.text).toContain('  npx pagekeeper resume mobaro/users --data night\n');
    expect(message?.text).not.toContain('https');
    expect(message?.text).not.toContain('--stack');
    const redrive = { kind: 'redrive', connection: 'mobaro', line: 'aws sqs …' } as const;
    expect(laptop.typed(redrive)).toBe('npx pagekeeper dead-letters redrive mobaro --data night');
    expect(laptop.typed({ kind: 'other', line: 'aws sqs …' })).toBeNull();
  });

  it('holds nothing of a checkpoint but the scrubbed reason', () => {
    const { messages } = told({
      streams: {
        users: { ...stopped('missing', since), position: { kind: 'cursor', cursor: 'ada@example.org' } },
      },
    });
    expect(JSON.stringify(messages)).not.toContain('ada@example.org');
  });
});
