import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { startEmbeddedDynamoDb } from '../../../infra/emulator/embedded/embedded-dynamodb.ts';
import { newAccessKey } from '../../../infra/emulator/embedded/guard.ts';
import { writeDescription } from '../../../infra/laptop/data-folder/description.ts';
import { collect, inRun, record } from '../../support/contracts/records.ts';
import { failedBatchKey } from '../../support/failed-batch.ts';
import { LoggedData } from '../../support/logged-data.ts';
import { temporaryFolder, type TemporaryFolder } from '../../support/temporary-folder.ts';
import { runHere } from '../run-here.ts';

/** What `forget` does to the change log of a data folder, and what `changes` and `changes replay` give after it. */

const people = 'bob/people';
const id = 'person-of-no-other-name';
const others = ['person-1', 'person-2', 'person-3'];
const { signal } = new AbortController();

let folder: TemporaryFolder;
let data: LoggedData;
/** By key, the text of each object, before the record was forgotten. */
let before: ReadonlyMap<string, string>;

const rows = (ids: readonly string[], pay: string) =>
  ids.map((one) => record(one, `{"id":"${one}","iban":"IBAN-of-${one}","pay":${pay}}`));

beforeAll(async () => {
  folder = await temporaryFolder();
  data = await LoggedData.in(folder.path, [people, 'bob/work']);
  await data.work(async ({ records, takeSnapshots, publish, fail }) => {
    const store = (ids: readonly string[], pay: string) =>
      records.upsert(people, rows(ids, pay), inRun(Date.now()), signal);
    await store([id, ...others], '1.10');
    await publish();
    await takeSnapshots();
    await store([id, 'person-1'], '2.20');
    await fail('with others');
    await store([id], '3.30');
    await fail('alone');
    // Of these the log has lines that are later than those of the failed batch.
    await store([id], '4.40');
    await publish();
    await store(['person-2'], '4.40');
  });
  before = await objects();
});

afterAll(async () => {
  await folder[Symbol.asyncDispose]();
});

/** All that is in the bucket, once all that was written is published. */
async function objects(): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>();
  await data.work(async ({ log, publish }) => {
    await publish();
    for (const { key } of await collect(log.sizes('', '')))
      found.set(key, (await log.readVersion(key))?.text ?? '');
  });
  return found;
}

const run = (...args: readonly string[]) => runHere([...args, '--data', data.path]);
const linesOf = (texts: Iterable<string>): string[] => [...texts].flatMap((text) => text.split('\n'));
const isAbout = (line: string): boolean => line.includes(id);

describe('forgetting a record that is in the change log', () => {
  it('says how much it has looked through and written again', async () => {
    expect([...before.keys()].filter((key) => key.startsWith('aws/lambda/'))).toHaveLength(2);
    const { status, stdout, stderr } = await run('forget', people, id, '--yes');
    expect([status, stderr]).toEqual([0, 'Looking through the change log.\n']);
    expect(stdout).toMatch(
      /^One record of bob\/people has been erased\. .*\n6 objects \(.* KB\) of the change log have been looked through, and 5 of them \(.* KB\) have been written again without it\. /,
    );
  });

  it('leaves nothing of it but that it was erased', async () => {
    const after = await objects();
    const about = linesOf(after.values()).filter(isAbout);
    expect(about.map((line) => JSON.parse(line) as unknown)).toEqual([
      expect.objectContaining({ stream: people, id, op: 'erased', run: null, data: null }),
    ]);
    expect([...after.keys()].filter((key) => key.includes('alone'))).toEqual([]);
  });

  it('leaves the lines of others as they were, byte for byte', async () => {
    const ofOthers = (all: ReadonlyMap<string, string>): string[] =>
      linesOf([...all].filter(([key]) => key.endsWith('.gz')).map(([, text]) => text)).filter(
        (line) => line !== '' && !isAbout(line),
      );
    const after = await objects();
    expect(ofOthers(before).length).toBeGreaterThan(6);
    expect(ofOthers(after)).toEqual(ofOthers(before));
    const [batch, left] = [before, after].map((all) => all.get(failedBatchKey('with others')) ?? '');
    const writes = (text = ''): unknown[] =>
      (JSON.parse((JSON.parse(text) as { payload: string }).payload) as { Records: unknown[] }).Records;
    expect(writes(batch)).toHaveLength(2);
    expect(writes(left)).toEqual(writes(batch).filter((write) => !isAbout(JSON.stringify(write))));
  });

  it('changes nothing when it is done again', async () => {
    const after = await objects();
    const { status, stdout } = await run('forget', people, id, '--yes');
    expect(status).toBe(0);
    expect(stdout).toContain(' of the change log have been looked through, and none of them held it. ');
    expect(await objects()).toEqual(after);
  });

  it('is published from a failed batch no more, which is taken away', async () => {
    const { status, stdout } = await run('changes', 'replay');
    expect([status, stdout]).toEqual([0, '1 failed batch with 1 line has been published.\n']);
    const after = await objects();
    expect([...after.keys()].filter((key) => key.startsWith('aws/lambda/'))).toEqual([]);
    expect(linesOf(after.values()).filter(isAbout)).toHaveLength(1);
    expect((await run('changes', 'replay')).stdout).toBe(
      'Nothing has been published: there is no failed batch that could be.\n',
    );
  });

  it('is none of what is read with the newest snapshot, which is what is stored', async () => {
    const { stdout } = await run('changes', people, '--from-snapshot');
    const state = new Map<string, { readonly sequence: string; readonly data: unknown }>();
    for (const text of stdout.split('\n').slice(0, -1)) {
      const line = JSON.parse(text) as { id: string; sequence: string; data: unknown };
      if ((state.get(line.id)?.sequence ?? '') <= line.sequence) state.set(line.id, line);
    }
    const left = [...state].filter(([, { data: content }]) => content !== null);
    const stored = (await run('records', people)).stdout
      .split('\n')
      .slice(0, -1)
      .map((text) => JSON.parse(text) as { id: string; data: unknown });
    expect(stored.map((one) => one.id)).toEqual(others);
    expect(new Map(left.map(([one, { data: content }]) => [one, content]))).toEqual(
      new Map(stored.map((one) => [one.id, one.data])),
    );
  });

  it('says nothing of a change log where there is none', async () => {
    await using other = await temporaryFolder();
    const without = await LoggedData.in(other.path, [people]);
    await without.work(async ({ records }) => {
      await records.upsert(people, rows([id], '1'), inRun(Date.now()), signal);
    });
    const description = { checkpointsTable: 'Checkpoints', recordsTable: 'Records', streams: [people] };
    await writeDescription(without.path, description);
    const { status, stdout, stderr } = await runHere(['forget', people, id, '--yes', '--data', without.path]);
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/^One record of bob\/people has been erased\. [^\n]*\n$/);
    expect(stdout).not.toContain('log');
  });

  it('erases nothing while an npm start runs through which the log cannot be reached', async () => {
    await using other = await temporaryFolder();
    const held = await LoggedData.in(other.path, [people]);
    await held.work(async ({ records }) => {
      await records.upsert(people, rows([id], '1'), inRun(Date.now()), signal);
    });
    const running = await startEmbeddedDynamoDb(held.path, [], newAccessKey());
    const refused = await runHere(['forget', people, id, '--yes', '--data', held.path]);
    const { stdout } = await runHere(['records', people, id, '--data', held.path]);
    await running.close();
    expect([refused.status, refused.stdout]).toEqual([2, '']);
    expect(refused.stderr).toContain(' has no change log, and the folder has one: stop it first.');
    expect(stdout).toContain(id);
  });
});
