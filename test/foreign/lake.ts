import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';

import type { S3Log } from '../../lib/aws/s3-log.ts';
import { changesPrefix } from '../../lib/changes/object-key.ts';
import { parseJson, textOf } from '../../lib/connectors/json.ts';
import { snapshotsPrefix } from '../../lib/changes/snapshot-key.ts';
import { historyOf, presentStateOf } from '../../lib/tables/lake-sql.ts';
import { runHere } from '../infra/run-here.ts';
import { inRun, record } from '../support/contracts/records.ts';
import { LoggedData } from '../support/logged-data.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { NoPackage, pythonWith } from './python-packages.ts';
import type { Report } from './report.ts';

const stream = 'bob/people';
const { signal } = new AbortController();

type Row = Readonly<Record<string, unknown>>;

/**
 * The statements of the lake over a bucket that was filled as a deployment fills its own, by an engine that is not ours: DuckDB runs
 * them, after a parser of Trino's SQL has put them into its words.
 */
export async function tryLake(report: Report): Promise<void> {
  const python = await pythonWith('lake-requirements.txt', 'DuckDB').catch((error: unknown) => {
    if (!(error instanceof NoPackage)) throw error;
    console.log(`The statements of the lake are not run: ${error.message}.`);
    return null;
  });
  if (python === null) return;
  await using folder = await temporaryFolder();
  const data = await LoggedData.in(folder.path, [stream, 'bob/work']);
  const bucket = path.join(folder.path, 'bucket');
  await fill(data, bucket);
  const { stdout: view } = await runHere(['schema', stream, '--format', 'athena', '--data', data.path]);
  const statements = {
    present: presentStateOf(stream),
    history: historyOf(stream, 'person-01'),
    empty: presentStateOf('bob/work'),
    noSnapshot: presentStateOf('bob/shifts'),
    view,
  };
  const answers = await report.check('the statements of the lake are Trino’s, and run', () =>
    runStatements(python, { folder: bucket, statements }),
  );
  if (answers === undefined) return;
  await report.check('a record’s history has each of its changes, with every digit', async () => {
    const { history = [] } = answers;
    assert.deepEqual(
      history.map(({ op }) => op),
      ['created', 'changed'],
    );
    assert.match(String(history[0]?.['line']), /"pay":1\.10,"badge":9007199254740993/);
  });
  await report.check(
    'the present state is what the table has, and a typed view what export writes',
    async () => {
      const file = path.join(folder.path, 'people.ndjson');
      await runHere(['export', stream, '--format', 'ndjson', '--out', file, '--data', data.path]);
      const exported = (await readFile(file, 'utf8'))
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as Row);
      const { present = [], view: typed = [], empty = [], noSnapshot = [] } = answers;
      assert.equal(exported.length, 31);
      assert.deepEqual(present.map(({ _id }) => _id).toSorted(), exported.map(({ _id }) => _id).toSorted());
      assert.deepEqual(empty, []);
      assert.deepEqual(
        noSnapshot.map(({ _id }) => _id),
        ['shift-1'],
      );
      const byId = new Map(typed.map((row) => [row['_id'], row]));
      for (const row of exported) {
        const found = byId.get(row['_id']);
        assert.deepEqual(
          [found?.['id'], found?.['work_title'], Number(found?.['pay']), found?.['active'], found?.['since']],
          [row['id'], row['work.title'] ?? null, row['pay'], row['active'], row['since']],
        );
        assert.equal(textOf(found?.['badge']), '9007199254740993');
      }
    },
  );
}

/** Some people, a snapshot of them, and what has become of them since: in two forms of one field. */
async function fill(data: LoggedData, bucket: string): Promise<void> {
  const row = (number: number, version = 1) => {
    const id = `person-${String(number).padStart(2, '0')}`;
    const title = number % 2 === 0 ? `"/work/title":"it’s ${version}"` : `"work":{"title":"also ${version}"}`;
    const rest = `"pay":${version}.10,"badge":9007199254740993,"active":${String(number % 3 === 0)},"since":"2026-11-30"`;
    return record(id, `{"id":"${id}",${title},${rest},"tags":["a",1.10]}`);
  };
  const rows = (from: number, to: number, version = 1) =>
    Array.from({ length: to - from }, (_, index) => row(from + index, version));
  await data.work(async ({ records, takeSnapshots, publish }) => {
    await records.upsert(stream, rows(0, 30), inRun(Date.now()), signal);
    await publish();
    await takeSnapshots();
  });
  await data.work(async ({ records, log, publish }) => {
    const times = { deletedAt: Date.now(), expiresAt: Date.now() + 86_400_000, run: 'run-2' };
    await records.upsert(stream, [...rows(0, 10, 2), ...rows(30, 33)], inRun(Date.now()), signal);
    await records.markDeleted(stream, ['person-28'], times, signal);
    await records.eraseRecord(stream, 'person-29');
    // Of which there is no snapshot yet.
    await records.upsert('bob/shifts', [record('shift-1', '{"id":"shift-1"}')], inRun(Date.now()), signal);
    await publish();
    await copy(log, bucket);
  });
}

async function copy(log: S3Log, bucket: string): Promise<void> {
  for (const prefix of [changesPrefix, snapshotsPrefix]) {
    for await (const key of log.list(prefix, prefix)) {
      const file = path.join(bucket, key);
      await mkdir(path.dirname(file), { recursive: true });
      const content = key.endsWith('.json')
        ? await log.readMarker(key)
        : gzipSync((await log.read(key))?.map((line) => `${line}\n`).join('') ?? '');
      await writeFile(file, content ?? '');
    }
  }
}

async function runStatements(
  python: string,
  input: object,
): Promise<Readonly<Record<string, readonly Row[]>>> {
  const child = spawn(python, [path.join(import.meta.dirname, 'run-lake.py')], {
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  child.stdin.end(JSON.stringify(input));
  const [output, errors] = await Promise.all([text(child.stdout), text(child.stderr)]);
  if (output === '') throw new Error(errors.trim().split('\n').slice(-8).join('\n'));
  return parseJson(output) as Readonly<Record<string, readonly Row[]>>;
}
