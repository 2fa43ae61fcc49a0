import { readFile } from 'node:fs/promises';
import path from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { openDataFolder } from '../../../infra/laptop/data-folder/data-folder.ts';
import { writeDescription } from '../../../infra/laptop/data-folder/description.ts';
import { parseCursor } from '../../../lib/changes/cursor.ts';
import { lineOf } from '../../../lib/changes/line.ts';
import { changeKey } from '../../../lib/changes/object-key.ts';
import { settledAfterMs } from '../../../lib/changes/read-changes.ts';
import { inRun, record } from '../../support/contracts/records.ts';
import { creationOf, failedBatch, failedBatchKey } from '../../support/failed-batch.ts';
import { LoggedData } from '../../support/logged-data.ts';
import { temporaryFolder, type TemporaryFolder } from '../../support/temporary-folder.ts';
import { runHere } from '../run-here.ts';

/** `changes` on a data folder. */

const people = 'bob/people';
const streams = [people, 'bob/work'];
const { signal } = new AbortController();

let folder: TemporaryFolder;
let data: LoggedData;

beforeAll(async () => {
  folder = await temporaryFolder();
  data = await LoggedData.in(folder.path, streams);
});

afterAll(async () => {
  await folder[Symbol.asyncDispose]();
});

const rows = (from: number, to: number, version = 1) =>
  Array.from({ length: to - from }, (_, index) => {
    const id = `person-${String(from + index).padStart(2, '0')}`;
    return record(id, `{"id":"${id}","pay":${version}.10,"badge":9007199254740993}`);
  });

async function cursorOf(logged: LoggedData): Promise<{ cursor: string }> {
  const { stderr } = await runHere(['changes', '--data', logged.path]);
  return { cursor: /^Go on with --since (\S+)\n$/.exec(stderr)?.[1] ?? '' };
}

interface Line {
  readonly id: string;
  readonly op: string;
  readonly data: unknown;
  readonly sequence: string;
}

async function changes(...args: readonly string[]): Promise<{ lines: Line[]; text: string; cursor: string }> {
  const { status, stdout, stderr } = await runHere(['changes', ...args, '--data', data.path]);
  expect(status, stderr).toBe(0);
  const cursor = /^Go on with --since (\S+)\n$/.exec(stderr)?.[1] ?? '';
  const texts = stdout.split('\n').slice(0, -1);
  return { lines: texts.map((text) => JSON.parse(text) as Line), text: stdout, cursor };
}

describe('pagekeeper export --since with a cursor', () => {
  interface Row {
    readonly _id: string;
    readonly pay?: number | null;
    readonly _deleted_at: string | null;
  }
  const exported = async (other: LoggedData, ...options: readonly string[]) => {
    const file = path.join(path.dirname(other.path), 'people.ndjson');
    const args = [people, '--format', 'ndjson', '--out', file, ...options, '--data', other.path];
    const { status, stderr, stdout } = await runHere(['export', ...args]);
    if (status !== 0) return { rows: [], cursor: '', status, stderr, stdout };
    const rows = (await readFile(file, 'utf8')).split('\n').slice(0, -1);
    const cursor = /^What changes from now on: --since (\S+)\n$/.exec(stderr)?.[1] ?? '';
    return { rows: rows.map((row) => JSON.parse(row) as Row), cursor, status, stderr, stdout };
  };

  it('writes the records that have changed, as they are now, and where to go on from', async () => {
    await using other = await temporaryFolder();
    const logged = await LoggedData.in(other.path, [people]);
    await logged.work(async ({ records }) => {
      await records.upsert(people, rows(0, 30), inRun(Date.now()), signal);
    });
    const { cursor } = await cursorOf(logged);
    const times = { deletedAt: Date.now(), expiresAt: Date.now() + 86_400_000, run: 'run-2' };
    await logged.work(async ({ records }) => {
      await records.upsert(people, [...rows(0, 10, 2), ...rows(30, 33)], inRun(Date.now()), signal);
      await records.markDeleted(people, ['person-28'], times, signal);
      await records.eraseRecord(people, 'person-29');
    });
    const second = await exported(logged, '--since', cursor);
    const ids = [...rows(0, 10), ...rows(30, 33)].map(({ id }) => id);
    expect(second.rows.map(({ _id, pay }) => [_id, pay])).toEqual(
      ids.map((id, at) => [id, at < 10 ? 2.1 : 1.1]),
    );
    const withDeleted = await exported(logged, '--since', cursor, '--deleted');
    const gone = withDeleted.rows.filter(({ _deleted_at: at }) => (at ?? null) !== null);
    expect(gone.map(({ _id, pay = null }) => [_id, pay])).toEqual([
      ['person-28', 1.1],
      ['person-29', null],
    ]);
    expect((await exported(logged, '--since', second.cursor)).rows).toEqual([]);
    const json = await exported(logged, '--since', cursor, '--json');
    expect(JSON.parse(json.stdout)).toMatchObject({
      files: [{ rows: 13 }],
      cursor: expect.stringMatching(/^c1\./),
    });
  });

  it('begins with the cursor of an export of all, and reads many with all others', async () => {
    await using other = await temporaryFolder();
    const logged = await LoggedData.in(other.path, [people]);
    await logged.work(async ({ records }) => {
      await records.upsert(people, rows(0, 1300), inRun(Date.now()), signal);
    });
    const whole = await exported(logged);
    expect(whole.rows).toHaveLength(1300);
    expect(parseCursor(whole.cursor)!.from).toBeLessThan(Date.now() - settledAfterMs + 1000);
    const { cursor } = await cursorOf(logged);
    await logged.work(async ({ records }) => {
      await records.upsert(people, rows(0, 1100, 2), inRun(Date.now()), signal);
    });
    const ids = (await exported(logged, '--since', cursor)).rows.map(({ _id }) => _id);
    expect(ids).toEqual(
      rows(0, 1100)
        .map(({ id }) => id)
        .toSorted(),
    );
  });

  it.each([
    [['--since', 'c1.12.abc'], 'looks like a cursor'],
    [['--since', 'then'], 'It takes a date such as'],
    [['--since', 'c1.1600000000000'], 'the log keeps its lines for 90 days, and the cursor is older'],
    [['--since', 'c1.1896052100000'], '--since: the cursor lies in the future (2030-01-31T'],
    [['--since', 'c1.17960527657'], 'a part of it is missing'],
    [['--since', 'c2.1796052299581'], 'looks like a cursor'],
  ])('says what is wrong with %j', async (options, sentence) => {
    const { status, stderr } = await exported(data, ...options);
    expect(status).toBe(2);
    expect(stderr).toContain(sentence);
  });

  it('says that the log cannot tell, where writes may be missing in it', async () => {
    await using other = await temporaryFolder();
    const logged = await LoggedData.in(other.path, [people]);
    await logged.work(async ({ log }) => {
      const gap = {
        stream: people,
        id: '',
        op: 'gap',
        at: '2026-11-30T08:00:00.000Z',
        run: null,
        json: null,
      } as const;
      const sequence = '1'.padStart(40, '0');
      await log.put(
        changeKey(people, Date.now(), sequence),
        [lineOf({ ...gap, sequence, before: null })],
        signal,
      );
    });
    const { status, stderr } = await exported(logged, '--since', `c1.${String(Date.now() - 60_000)}`);
    expect(status).toBe(2);
    expect(stderr).toContain('may be missing in the log');
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
  });
});

describe('pagekeeper changes', () => {
  it('prints what has changed since the cursor of the call before, and nothing else', async () => {
    await data.work(async ({ records, takeSnapshots }) => {
      await takeSnapshots();
      await records.upsert(people, rows(0, 30), inRun(Date.now()), signal);
    });
    const first = await changes();
    expect(first.lines.map(({ op }) => op)).toEqual(rows(0, 30).map(() => 'created'));
    expect(first.text).toContain('"pay":1.10,"badge":9007199254740993');

    const times = { deletedAt: Date.now(), expiresAt: Date.now() + 86_400_000, run: 'run-2' };
    await data.work(async ({ records }) => {
      const given = [...rows(0, 10, 2), ...rows(10, 28), ...rows(30, 33)];
      await records.upsert(people, given, { at: Date.now(), run: 'run-2' }, signal);
      await records.markDeleted(people, ['person-28', 'person-29'], times, signal);
    });
    const second = await changes('--since', first.cursor);
    expect(second.lines).toHaveLength(15);
    expect(Object.groupBy(second.lines, ({ op }) => op)).toMatchObject({
      changed: { length: 10 },
      deleted: { length: 2 },
      created: { length: 3 },
    });
    expect((await changes('--since', second.cursor)).lines).toEqual([]);
  });

  it('gives, with the newest snapshot, what is stored', async () => {
    const { lines } = await changes(people, '--from-snapshot');
    const state = new Map<string, unknown>();
    for (const { id, op, data: content } of lines) {
      if (op === 'deleted' || op === 'erased') state.delete(id);
      else state.set(id, content);
    }
    const { stdout } = await runHere(['records', people, '--data', data.path]);
    const stored = stdout
      .split('\n')
      .slice(0, -1)
      .map((text) => JSON.parse(text) as { id: string; data: unknown; deletedAt?: string })
      .filter(({ deletedAt }) => deletedAt === undefined);
    expect(stored).toHaveLength(31);
    expect(new Map(stored.map(({ id, data: content }) => [id, content]))).toEqual(state);
  });

  it('leaves out, with a snapshot, what was published late and had been changed before it was begun', async () => {
    await using other = await temporaryFolder();
    const late = await LoggedData.in(other.path, [people]);
    const before = { json: '{"pay":1.10}', sequence: 1, at: Date.now() - 2 * 3_600_000 };
    await late.work(async ({ records, log, takeSnapshots, publish }) => {
      const batch = failedBatch([creationOf(people, 'person-00', before)]);
      await log.putMarker(failedBatchKey('late'), batch, signal);
      await records.upsert(people, rows(0, 1, 2), inRun(Date.now()), signal);
      await publish();
      await takeSnapshots();
    });
    expect((await runHere(['changes', 'replay', '--data', late.path])).status).toBe(0);
    const read = async (...options: readonly string[]) =>
      (await runHere(['changes', people, ...options, '--data', late.path])).stdout;
    const pays = (text: string) => text.match(/"op":"\w+"|"pay":[\d.]+/g);
    const stored = ['"op":"created"', '"pay":2.10'];
    expect(pays(await read())).toEqual([...stored, '"op":"created"', '"pay":1.10']);
    expect(pays(await read('--from-snapshot'))).toEqual(['"op":"snapshot"', '"pay":2.10', ...stored]);
  });

  it('prints no content with --ids, a table with --format csv, and one object with --json', async () => {
    const { lines } = await changes('--ids');
    expect(Object.keys(lines[0]!)).toEqual(['stream', 'id', 'op', 'at', 'run', 'sequence']);
    const csv = await runHere(['changes', '--format', 'csv', '--data', data.path]);
    expect(csv.stdout.split('\r\n')[0]).toBe('"stream","id","op","at","run","sequence","data"');
    expect(csv.stdout.split('\r\n')).toHaveLength(lines.length + 2);
    const whole = await runHere(['changes', '--json', '--data', data.path]);
    const { cursor, changes: all } = JSON.parse(whole.stdout) as { cursor: string; changes: Line[] };
    expect(all.map(({ sequence }) => sequence)).toEqual(lines.map(({ sequence }) => sequence));
    expect((await changes('--since', cursor)).lines).toEqual([]);
    expect(whole.stderr).toBe('');
  });

  it('begins and ends where it is told to', async () => {
    expect((await changes('--since', '1h')).lines).toHaveLength(45);
    expect((await changes('--until', '1h')).lines).toEqual([]);
    expect((await changes('bob/work')).lines).toEqual([]);
  });

  it.each([
    [['--since', 'c1.12.abc'], 'looks like a cursor'],
    [['--since', 'yesterday'], 'It takes a date'],
    [['--since', 'c1.1600000000000'], 'begin again with --from-snapshot'],
    [['--json', '--format', 'csv'], '--json is --format json'],
    [['--json', '--follow'], '--follow goes with'],
    [['--until', '1h', '--follow'], 'has no end'],
    [['--from-snapshot', '--since', '1h'], 'begins with the newest snapshot'],
    [['bob/wrok'], 'did you mean bob/work'],
    [['--format', 'xml'], 'ndjson, json, csv'],
  ])('%j is an error in a sentence', async (args, sentence) => {
    const { status, stderr, stdout } = await runHere(['changes', ...args, '--data', data.path]);
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toContain(sentence);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
  });

  it('says where there is no log, and where there is no snapshot yet', async () => {
    await using other = await temporaryFolder();
    const empty = path.join(other.path, 'data');
    await openDataFolder(empty);
    await writeDescription(empty, { checkpointsTable: 'C', recordsTable: 'R', streams });
    const { status, stderr } = await runHere(['changes', '--data', empty]);
    expect(status, stderr).toBe(2);
    expect(stderr).toContain('There is no change log in');
  });
});
