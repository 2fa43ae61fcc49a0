import { execFile } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';

import { UpdateItemCommand, type UpdateItemCommandInput } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { house } from '../eslint.config.js';
import { pagekeeper } from '../infra/cli/program.ts';
import { alarmKinds, runbookHeadings, runbookSection, type AlarmKind } from '../lib/on-call/alarm-kinds.ts';
import { typedOnLaptop } from '../lib/on-call/message.ts';
import { tellIncidents } from '../lib/on-call/tell-incidents.ts';
import { readSettings } from '../infra/settings/read-settings.ts';
import { DynamoCheckpoints } from '../lib/aws/dynamo-checkpoints.ts';
import { newBreaker } from '../lib/sync/breaker.ts';
import { blockedReason } from '../lib/sync/credentials.ts';
import { newCheckpoint, type Checkpoint } from '../lib/sync/checkpoint.ts';
import { pageOutcomes, streamOutcomes, type HaltOutcome } from '../lib/sync/outcome.ts';
import { resumedCheckpoint } from '../lib/sync/transitions/person.ts';
import { costAtRest, prices } from './infra/cost-at-rest.ts';
import { synthesized } from './infra/synthesized.ts';
import { startEmbeddedDynamoDb, type EmbeddedDynamoDb } from './support/embedded-dynamodb.ts';
import { fakeOutput } from './support/fake-output.ts';
import { OnCallWorld } from './support/on-call-world.ts';

const root = path.join(import.meta.dirname, '..');

const pages = [
  ...['README.md', 'CHANGELOG.md', 'SECURITY.md'],
  ...readdirSync(path.join(root, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.md'))
    .map((file) => path.join('docs', file)),
];

function read(file: string): string {
  return readFileSync(path.join(root, file), 'utf8');
}

/** Without what is shown rather than said: fences, indented blocks, code in a line. */
function prose(file: string): string {
  return read(file)
    .replace(/^ *```[^\n]*\n[\s\S]*?^ *```$/gm, '')
    .replace(/^ {4}.*$/gm, '')
    .replace(/`[^`\n]*`/g, (code) => code.slice(1, -1).replace(/[[\]()|]/g, ''));
}

function headings(file: string, level = '#{1,6}'): string[] {
  return [...prose(file).matchAll(new RegExp(`^${level} (.+)$`, 'gm'))].map(([, text]) => text ?? '');
}

/** As GitHub makes links out of headings. */
function anchors(file: string): Set<string> {
  const seen = new Map<string, number>();
  return new Set(
    headings(file).map((text) => {
      const slug = text
        .toLowerCase()
        .replace(/[^\p{L}\p{N}\p{M}_ -]/gu, '')
        .replaceAll(' ', '-');
      const before = seen.get(slug) ?? 0;
      seen.set(slug, before + 1);
      return before === 0 ? slug : `${slug}-${String(before)}`;
    }),
  );
}

/** The text under a heading, to the next one of its level or above. */
function section(file: string, heading: string): string {
  const lines = read(file).split('\n');
  const start = lines.findIndex((line) => /^#+ /.test(line) && line.replace(/^#+ /, '') === heading);
  if (start === -1) throw new Error(`${file} has no heading ${heading}`);
  const level = lines[start]!.indexOf(' ');
  const end = lines.findIndex((line, index) => {
    const other = /^(#+) /.exec(line)?.[1]?.length;
    return index > start && other !== undefined && other <= level;
  });
  return lines.slice(start + 1, end === -1 ? undefined : end).join('\n');
}

describe('the links of the documents', () => {
  const links = pages.flatMap((page) =>
    [...prose(page).matchAll(/\]\(([^)\s]+)\)/g)]
      .map(([, target]) => ({ page, target: target ?? '' }))
      .filter(({ target }) => !/^[a-z]+:/.test(target)),
  );

  it('are found at all', () => {
    expect(links.length).toBeGreaterThan(20);
  });

  it.each(links)('$page -> $target leads somewhere', ({ page, target }) => {
    const [file = '', anchor] = target.split('#');
    const found = file === '' ? page : path.normalize(path.join(path.dirname(page), file));
    expect(existsSync(path.join(root, found)), found).toBe(true);
    if (anchor === undefined) return;
    expect(statSync(path.join(root, found)).isFile(), found).toBe(true);
    expect([...anchors(found)], found).toContain(anchor);
  });
});

describe('how long', () => {
  const linesOf = (page: string): string[] => read(page).trimEnd().split('\n');

  it('the README is, and the architecture', () => {
    expect(linesOf('README.md').length).toBeLessThanOrEqual(150);
    expect(linesOf('docs/architecture.md').length).toBeLessThanOrEqual(300);
  });

  it.each(pages)('the lines of %s are: 120 characters, and 160 in a cell of a table', (page) => {
    const isRow = (line: string): boolean => line.trimStart().startsWith('|');
    const cells = linesOf(page)
      .filter(isRow)
      .flatMap((row) => row.split(/(?<!\\)\|/).map((cell) => cell.trim()))
      .filter((cell) => !/^[-: ]*$/.test(cell));
    expect(cells.filter((cell) => cell.length > 160)).toEqual([]);
    expect(linesOf(page).filter((line) => !isRow(line) && line.length > 120)).toEqual([]);
  });
});

describe('who may import whom', () => {
  it('is in the architecture as the linter holds it', () => {
    const rows = section('docs/architecture.md', 'The house')
      .split('\n')
      .filter((line) => line.startsWith('| `'))
      .map((row) => row.split('|').map((cell) => cell.trim().replaceAll('`', '')));
    const held = Object.entries(house).map(([folder, others]) => [
      `${folder}/`,
      others.map((other) => path.basename(other)).join(', ') || 'nothing',
    ]);
    expect(rows.map(([, folder, , allowed]) => [folder, allowed])).toEqual(held);
  });
});

describe('the runbook', () => {
  const runbook = 'docs/runbook.md';

  it('has one section for each kind of alarm, in their order', () => {
    expect(headings(runbook, '##').filter((heading) => runbookHeadings.includes(heading))).toEqual(
      runbookHeadings,
    );
  });

  it.each(Object.keys(alarmKinds) as AlarmKind[])('is where the alarm of kind %s leads', (kind) => {
    expect([...anchors(runbook)]).toContain(runbookSection(kind));
  });

  it.each(runbookHeadings)('answers the same questions under %s', (heading) => {
    const bold = [...section(runbook, heading).matchAll(/^\*\*(.+?)\.\*\*/gm)].map(([, words]) => words);
    expect(bold).toEqual([
      'What it means',
      'What it means for the data',
      'What to look at',
      'What to do',
      'How you know that it is fixed',
    ]);
  });
});

describe('the severities of alarms', () => {
  it.each(['page', 'ticket'])('are those of the kinds: %s', (severity) => {
    const kinds = Object.values(alarmKinds).filter((kind) => kind.severity === severity);
    const severities = section('docs/alarms.md', 'Who is told').replace(/\s+/g, ' ');
    const row = new RegExp(`- \`${severity}\`, to [^:]*: (.+?)\\.`).exec(severities);
    expect(row?.[1]).toBe(kinds.map(({ heading }) => heading.toLowerCase()).join(', '));
  });
});

describe('the three alarms that are fixed step by step', () => {
  const page = read('docs/on-call.md').replace(/\s+/g, ' ');
  const users = 'mobaro/users';
  const others = ['mobaro/timesheets', 'mobaro/locations', 'mobaro/results'];

  it.each<[string, (world: OnCallWorld) => Promise<void>]>([
    [
      'a refused key',
      async (world) => {
        const openedAt = world.clock.now();
        await world.breakers.replace({
          ...newBreaker('mobaro'),
          state: 'open',
          secretVersion: 'v0',
          openedAt,
        });
        for (const stream of [users, ...others]) {
          const said = stream === users ? 'HTTP 401: Unauthorized' : blockedReason;
          await world.stop(stream, 'unauthorized', { reason: said });
        }
      },
    ],
    ['a list that is not there', (world) => world.stop(users, 'missing', { reason: 'HTTP 404: Not Found' })],
    [
      'a page that is given up',
      (world) => world.stop(users, 'exhausted', { reason: 'HTTP 503: Service Unavailable' }),
    ],
  ])('show what people are told of %s now', async (_, happen) => {
    const world = new OnCallWorld([users, ...others]);
    for (const stream of others) await world.recover(stream);
    await happen(world);
    const deps = {
      ...world.deps,
      region: null,
      typed: typedOnLaptop(' --data /tmp/night/data'),
      gatherMs: 0,
    };
    const [message] = await tellIncidents(world.connection, deps, world.signal);
    const { subject = '', text = '' } = message ?? {};
    expect(page).toContain(subject);
    const [before, after] = text.split(/Since: .*\n/).map((part) => part.replace(/\s+/g, ' ').trim());
    expect(page).toContain(before);
    expect(page).toContain(after);
  });
});

describe('the outcomes in the reference', () => {
  const words = (heading: string): string[] =>
    [...section('docs/reference.md', heading).matchAll(/^\| `([a-z]+)` +\|/gm)].map(([, word]) => word ?? '');

  it('of a page are all there are', () => {
    expect(words('Of a page').sort()).toEqual([...pageOutcomes].sort());
  });

  it('of a stream are all there are', () => {
    expect(words('Of a stream').sort()).toEqual([...streamOutcomes].sort());
  });
});

describe('the cost at rest', () => {
  const hours = 730;
  const cost = costAtRest(synthesized(), 4 * 4 * hours + 3 * hours);
  const { sum, ...counts } = cost;
  const table = section('docs/cost.md', 'At rest');

  it.each(Object.entries(counts))('counts %s as the default deployment has them: %i', (what, count) => {
    const row = new RegExp(`^\\| ${what} +\\| ([\\d,]+)`, 'm').exec(table);
    expect(Number(row?.[1]?.replaceAll(',', ''))).toBe(count);
  });

  it('comes to the sum of what is counted', () => {
    const row = /^\| \*\*sum\*\* .*\*\*\$([\d.]+)\*\*/m.exec(table);
    expect(Number(row?.[1])).toBeCloseTo(sum, 1);
  });

  it.each([
    ['CloudWatch alarm', prices.alarm],
    ['CloudWatch custom metric', prices.customMetric],
    ['CloudWatch dashboard', prices.dashboard],
    ['Secrets Manager', prices.secret],
    ['KMS key', prices.key],
  ])('has the price of a %s: %d', (what, price) => {
    const row = new RegExp(`^\\| ${what}[^|]*\\| \\$([\\d.]+)`, 'm').exec(
      section('docs/cost.md', 'Prices used'),
    );
    expect(Number(row?.[1])).toBe(price);
  });
});

describe('the settings of a deployment', () => {
  /** What the settings themselves say, when they are given a key that they do not know. */
  function knownKeys(settings: object): string[] {
    try {
      readSettings(settings);
    } catch (error) {
      return /known keys are (.+)$/.exec(String(error))?.[1]?.split(', ') ?? [];
    }
    return [];
  }

  const rows = [...section('docs/deploy.md', 'Settings').matchAll(/^\| ((?:`[^`]+`(?:, )?)+) +\|/gm)].flatMap(
    ([, names]) => [...(names ?? '').matchAll(/`([^`]+)`/g)].map(([, name]) => name ?? ''),
  );
  const odd = { odd: 1 };

  it.each([
    ['', ['onCall'], knownKeys(odd)],
    ['onCall.', [], knownKeys({ onCall: odd })],
    ['connections.NAME.', [], knownKeys({ connections: { mobaro: odd } })],
    ['….streams.NAME.', [], knownKeys({ connections: { mobaro: { streams: { users: odd } } } })],
    [
      '….streams.NAME.fields.',
      // Its row is that of `fields`.
      ['ask'],
      knownKeys({ connections: { mobaro: { streams: { users: { fields: odd } } } } }),
    ],
  ])('are all that there are under "%s"', (prefix, grouped, keys) => {
    const named = rows
      .filter((row) => row.startsWith(prefix))
      .map((row) => row.slice(prefix.length))
      .filter((row) => !row.includes('.'));
    expect(keys.length).toBeGreaterThan(1);
    expect([...named, ...grouped].toSorted()).toEqual(keys.toSorted());
  });
});

describe('the command line', () => {
  it('has a section for each command, and for nothing else', async () => {
    const out = fakeOutput({ isTTY: false });
    await pagekeeper(['--help'], out, {}, null);
    const commands = /\nCommands:\n([\s\S]*?)\n\n/.exec(String(out.read()))?.[1] ?? '';
    const names = [...commands.matchAll(/^ {2}([a-z-]+)/gm)].map(([, name]) => name);
    expect(names.length).toBeGreaterThan(10);
    expect(headings('docs/cli.md', '###').toSorted()).toEqual(names.toSorted());
  });
});

describe('the decisions', () => {
  const files = readdirSync(path.join(root, 'docs/decisions')).filter((file) => /^\d{4}-/.test(file));

  it('are numbered without a gap', () => {
    expect(files.sort().map((file) => Number(file.slice(0, 4)))).toEqual(files.map((_, index) => index + 1));
  });

  it.each(files)('%s has the four parts, and the list names it', (file) => {
    expect(headings(`docs/decisions/${file}`, '##')).toEqual([
      'Context',
      'Decision',
      'Consequences',
      'What it costs',
    ]);
    expect(read('docs/decisions/README.md')).toContain(`](${file})`);
  });
});

describe('the commands of the runbook that write to DynamoDB', () => {
  let dynamoDb: EmbeddedDynamoDb;
  let checkpoints: DynamoCheckpoints;
  beforeAll(async () => {
    dynamoDb = await startEmbeddedDynamoDb();
    checkpoints = new DynamoCheckpoints(dynamoDb.client, dynamoDb.checkpointsTable);
  });
  afterAll(() => dynamoDb.stop());

  /** Lets bash read the block, as a person's shell would, and sends what `aws` would have sent. */
  async function run(heading: string): Promise<void> {
    const blocks = [...section('docs/runbook.md', heading).matchAll(/^```sh\n([\s\S]*?)^```/gm)];
    const block = blocks.map(([, text]) => text ?? '').find((text) => text.includes('update-item'));
    const script = `aws() { printf '%s\\0' "$@"; }\n${block ?? 'exit 1'}`;
    const { stdout } = await promisify(execFile)('bash', ['-euc', script], {
      env: { ...process.env, CHECKPOINTS: dynamoDb.checkpointsTable },
    });
    const [service, operation, ...rest] = stdout.split('\0').slice(0, -1);
    expect([service, operation]).toEqual(['dynamodb', 'update-item']);
    const options = new Map(
      rest.flatMap((name, index) => (index % 2 === 0 ? [[name, rest[index + 1] ?? '']] : [])),
    );
    const json = (name: string) => JSON.parse(options.get(name) ?? '') as never;
    const input: UpdateItemCommandInput = {
      TableName: options.get('--table-name'),
      Key: json('--key'),
      UpdateExpression: options.get('--update-expression'),
      ConditionExpression: options.get('--condition-expression'),
      ExpressionAttributeNames: json('--expression-attribute-names'),
      ExpressionAttributeValues: json('--expression-attribute-values'),
    };
    await dynamoDb.client.send(new UpdateItemCommand(input));
  }

  const stream = 'mobaro/users';

  async function store(change: Partial<Checkpoint>): Promise<Checkpoint> {
    const revision = (await checkpoints.read(stream))?.revision ?? 0;
    const stored = await checkpoints.replace({ ...newCheckpoint(stream), ...change, revision });
    if (stored === undefined) throw new Error('somebody else was faster');
    return stored;
  }

  function halted(outcome: HaltOutcome): Partial<Checkpoint> {
    return {
      state: 'halted',
      run: 'run-1',
      sequence: 3,
      position: { kind: 'offset', offset: 60 },
      outcome,
      lastStatus: 404,
      waitingSince: 1,
      halt: { outcome, at: 1, definition: 'd' },
      stopped: { by: outcome, since: 1 },
    };
  }

  it.each(['forbidden', 'missing', 'rejected'] as const)(
    'resume what halted as %s, as the command does',
    async (outcome) => {
      const before = await store(halted(outcome));
      await run('Resuming without the command');
      const after = await checkpoints.read(stream);
      const now = after?.retryAt ?? 0;
      expect(Math.abs(Date.now() - now)).toBeLessThan(60_000);
      // Who writes by hand leaves out what was stopped: the alarm ends at once.
      const expected = { ...resumedCheckpoint(before, now), stopped: null };
      expect(after).toEqual({ ...expected, revision: before.revision + 1 });
    },
  );

  it.each(['unauthorized', 'looping', 'runaway'] as const)(
    'do not resume what halted as %s',
    async (outcome) => {
      const before = await store(halted(outcome));
      await expect(run('Resuming without the command')).rejects.toThrow('conditional request failed');
      expect(await checkpoints.read(stream)).toEqual(before);
    },
  );

  it('do not resume what is under way', async () => {
    await store({ state: 'running', run: 'run-1' });
    await expect(run('Resuming without the command')).rejects.toThrow('conditional request failed');
  });

  it('pause a stream, and leave a halted one', async () => {
    const before = await store({ state: 'running', run: 'run-1', lease: { holder: 'h', until: 5 } });
    await run('A stream should stand still');
    expect(await checkpoints.read(stream)).toEqual({
      ...before,
      state: 'paused',
      revision: before.revision + 1,
    });
    await store(halted('missing'));
    await expect(run('A stream should stand still')).rejects.toThrow('conditional request failed');
  });
});
