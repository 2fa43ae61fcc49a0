import { readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { parquetMetadata, parquetReadObjects, parquetSchema } from 'hyparquet';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { startEmbeddedDynamoDb } from '../../../../infra/emulator/embedded/embedded-dynamodb.ts';
import { newAccessKey } from '../../../../infra/emulator/embedded/guard.ts';
import { openDataFolder } from '../../../../infra/laptop/data-folder/data-folder.ts';
import { writeDescription } from '../../../../infra/laptop/data-folder/description.ts';
import { DynamoRecords } from '../../../../lib/aws/dynamo-records.ts';
import { DynamoSchemas } from '../../../../lib/aws/dynamo-schemas.ts';
import { learn } from '../../../../lib/sync/schema.ts';
import { FieldCounter } from '../../../../lib/tables/field-counts.ts';
import { temporaryFolder, type TemporaryFolder } from '../../../support/temporary-folder.ts';
import { runHere } from '../../run-here.ts';

const checkpoints = {
  name: 'Checkpoints',
  keySchema: [{ AttributeName: 'pk', KeyType: 'HASH' as const }],
  attributes: [{ AttributeName: 'pk', AttributeType: 'S' as const }],
};

/** `export` and `query` on a data folder with made-up people. */

const people = [
  '{"id":"1","/root/displayName":"Ada, \\"Example\\"","work":{"site":"Nowhere","startDate":"2020-02-29"},"pay":1.10,"badge":9007199254740993,"active":true,"tags":["a",1.10]}',
  '{"id":"2","displayName":"=Nobody\\nÜber","work":{"site":null},"pay":-12345678901234567890.5,"badge":2,"active":false,"tags":[]}',
  '{"id":"3","displayName":"Gone","pay":7,"badge":3,"active":true}',
];
const absences = [
  '{"id":"a","employeeId":"1"}',
  '{"id":"b","employeeId":"1"}',
  '{"id":"c","employeeId":"2"}',
];

let folder: TemporaryFolder;
let data: string;

beforeAll(async () => {
  folder = await temporaryFolder();
  data = path.join(folder.path, 'data');
  await openDataFolder(data);
  await writeDescription(data, {
    checkpointsTable: 'Checkpoints',
    recordsTable: 'Records',
    streams: ['bob/people', 'bob/time-off-changes', 'bob/work'],
  });
  const keySchema = [
    { AttributeName: 'stream', KeyType: 'HASH' as const },
    { AttributeName: 'id', KeyType: 'RANGE' as const },
  ];
  const attributes = keySchema.map(({ AttributeName }) => ({ AttributeName, AttributeType: 'S' as const }));
  const server = await startEmbeddedDynamoDb(
    data,
    [{ name: 'Records', keySchema, attributes }, checkpoints],
    newAccessKey(),
  );
  const counter = new FieldCounter();
  counter.add({ id: '1', displayName: 'made up' });
  const run = { run: 'run-1', definition: 'd', gave: 'all', counts: counter.counted() } as const;
  const { schema } = learn(undefined, 'bob/people', { ...run, at: Date.parse('2026-01-01') })!;
  await new DynamoSchemas(server.client, 'Checkpoints').replace(schema, []);
  const records = new DynamoRecords(server.client, 'Records');
  const signal = new AbortController().signal;
  const store = async (stream: string, rows: readonly string[], day: string): Promise<void> => {
    const source = rows.map((json) => ({ id: (JSON.parse(json) as { id: string }).id, json, hash: json }));
    await records.upsert(stream, source, { at: Date.parse(day), run: 'run-1' }, signal);
  };
  await store('bob/people', people.slice(0, 1), '2026-01-01');
  await store('bob/people', people.slice(1), '2026-02-01');
  await store('bob/time-off-changes', absences, '2026-02-01');
  const times = { deletedAt: Date.parse('2026-03-01'), expiresAt: Date.parse('2036-01-01') };
  await records.markDeleted('bob/people', ['3'], { ...times, run: 'run-1' }, signal);
  await server.close();
});

afterAll(async () => {
  await folder[Symbol.asyncDispose]();
});

const run = (...args: readonly string[]) => runHere([...args, '--data', data]);

async function exported(format: string, ...options: readonly string[]): Promise<Buffer> {
  const file = path.join(folder.path, `people.${format}`);
  await rm(file, { force: true });
  const ended = await run('export', 'bob/people', '--format', format, '--out', file, ...options);
  expect(ended).toMatchObject({ status: 0, stderr: '' });
  return readFile(file);
}

describe('pagekeeper export', () => {
  it('writes flat JSON with every digit, and no deleted record', async () => {
    const lines = (await exported('ndjson')).toString().trimEnd().split('\n');
    const times = (at: string) =>
      `"_first_seen_at":"${at}T00:00:00.000Z","_changed_at":"${at}T00:00:00.000Z"`;
    expect(lines).toEqual([
      `{"_id":"1",${times('2026-01-01')},"id":"1","displayName":"Ada, \\"Example\\"","work.site":"Nowhere","work.startDate":"2020-02-29","pay":1.10,"badge":9007199254740993,"active":true,"tags":["a",1.10]}`,
      `{"_id":"2",${times('2026-02-01')},"id":"2","displayName":"=Nobody\\nÜber","pay":-12345678901234567890.5,"badge":2,"active":false,"tags":[]}`,
    ]);
  });

  it('writes CSV as a spreadsheet takes it: numbers as numbers, and no text as a formula', async () => {
    const text = (await exported('csv')).toString();
    const [header, ada, nobody, end] = text.split('\r\n');
    expect(header).toBe(
      '\uFEFF"_id","_first_seen_at","_changed_at","_deleted_at","id","displayName","work.site","work.startDate","pay","badge","active","tags"',
    );
    expect(ada).toBe(
      '"1","2026-01-01T00:00:00.000Z","2026-01-01T00:00:00.000Z",,"1","Ada, ""Example""","Nowhere","2020-02-29",1.10,9007199254740993,true,"[""a"",1.10]"',
    );
    expect(nobody).toBe(
      '"2","2026-02-01T00:00:00.000Z","2026-02-01T00:00:00.000Z",,"2","\'=Nobody\nÜber",,,-12345678901234567890.5,2,false,"[]"',
    );
    expect(end).toBe('');
  });

  it('writes CSV for programs with each text as it is', async () => {
    const text = (await exported('csv', '--plain')).toString();
    expect(text.startsWith('"_id",')).toBe(true);
    expect(text).toContain(',"=Nobody\nÜber",');
  });

  it('writes Parquet that a reader of another package reads, typed and exact', async () => {
    const bytes = await exported('parquet');
    const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer;
    const types = parquetSchema(parquetMetadata(file)).children.map(({ element }) => [
      element.name,
      element.logical_type?.type ?? element.converted_type ?? element.type,
    ]);
    expect(Object.fromEntries(types)).toEqual({
      ...{ _id: 'STRING', _first_seen_at: 'TIMESTAMP', _changed_at: 'TIMESTAMP', _deleted_at: 'TIMESTAMP' },
      ...{ id: 'STRING', displayName: 'STRING', 'work.site': 'STRING', 'work.startDate': 'DATE' },
      ...{ pay: 'DECIMAL', badge: 'INT64', active: 'BOOLEAN', tags: 'STRING' },
    });
    const rows = await parquetReadObjects({ file });
    expect(rows).toMatchObject([
      {
        ...{ _id: '1', _changed_at: new Date('2026-01-01'), _deleted_at: null, badge: 9007199254740993n },
        ...{ 'work.startDate': new Date('2020-02-29'), pay: 1.1, active: true, tags: '["a",1.10]' },
      },
      { _id: '2', 'work.site': null, displayName: '=Nobody\nÜber', active: false, tags: '[]' },
    ]);
  });

  it('has deleted records where they are wanted, and only what has changed since then', async () => {
    const ids = (text: Buffer): unknown[] =>
      text
        .toString()
        .split('\n')
        .flatMap((line) => (line === '' ? [] : [(JSON.parse(line) as { _id: string })._id]));
    expect(ids(await exported('ndjson', '--deleted'))).toEqual(['1', '2', '3']);
    expect(ids(await exported('ndjson', '--since', '2026-01-15'))).toEqual(['2']);
    expect(ids(await exported('ndjson', '--since', '2026-02-15', '--deleted'))).toEqual(['3']);
    expect(ids(await exported('ndjson', '--since', '2026-03-15', '--deleted'))).toEqual([]);
  });

  it('makes a file for each stream, that nobody else may read', async () => {
    const out = path.join(folder.path, 'tables');
    const { status, stdout } = await run('export', '--format', 'parquet', '--out', out, '--json');
    expect(status).toBe(0);
    const names = ['bob_people.parquet', 'bob_time_off_changes.parquet', 'bob_work.parquet'];
    expect((await readdir(out)).toSorted()).toEqual(names);
    for (const name of names) expect((await stat(path.join(out, name))).mode & 0o777).toBe(0o600);
    const { files } = JSON.parse(stdout) as { files: object[] };
    expect(files).toMatchObject([
      { stream: 'bob/people', rows: 2, columns: 12 },
      { stream: 'bob/time-off-changes', rows: 3, columns: 6 },
      { stream: 'bob/work', rows: 0, columns: 4 },
    ]);
  });

  it('leaves what was there as it was if it fails', async () => {
    const file = path.join(folder.path, 'kept.csv');
    await writeFile(file, 'before');
    const { status, stderr } = await run('export', 'bob', '--format', 'csv', '--out', file);
    expect([status, stderr]).toEqual([
      2,
      `--out: ${file} is a file, and 3 streams take a folder: name one that is none yet.\n`,
    ]);
    expect(await readFile(file, 'utf8')).toBe('before');
  });

  it.each<[readonly string[], RegExp]>([
    [['--out', 'x'], /Required option '--format <format>' not specified/],
    [['--format', 'csv'], /Required option '--out <path>' not specified/],
    [['--format', 'xml', '--out', 'x'], /Allowed choices are parquet, csv, ndjson/],
    [['--format', 'csv', '--out', ''], /^--out takes a path, and was given nothing\.$/m],
    [['--format', 'parquet', '--out', 'x', '--plain'], /^--plain goes with --format csv alone\.$/m],
    [['bob/peple', '--format', 'csv', '--out', 'x'], /no such stream \(did you mean bob\/people\?\)/],
    [['--format', 'csv', '--out', 'x', '--since', 'then'], /It takes a date such as/],
    [['--format', 'csv', '--out', `${import.meta.filename}/x/`], /^A file is where a folder is needed/],
  ])('says what is wrong in a sentence: %j', async (args, sentence) => {
    const { status, stderr } = await run('export', ...args);
    expect(status).not.toBe(0);
    expect(stderr).toMatch(sentence);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
  });
});

describe('pagekeeper query', () => {
  const query = async (sql: string, ...options: readonly string[]): Promise<string> => {
    const ended = await run('query', sql, ...options);
    expect(ended).toMatchObject({ status: 0, stderr: '' });
    return ended.stdout;
  };

  it('joins streams', async () => {
    const sql =
      'select p."displayName" as who, count(*) as n from BOB_PEOPLE p join bob_time_off_changes t on t.employeeId = p._id group by 1 order by 2 desc';
    expect(await query(sql, '--csv')).toBe('"who","n"\r\n"Ada, ""Example""",2\r\n"\'=Nobody\nÜber",1\r\n');
  });

  it('computes with numbers where they are exact, and shows every digit of all', async () => {
    const sql = 'select badge + 1 as next, pay, typeof(pay) as kind, active from bob_people order by _id';
    expect(await query(sql, '--json')).toBe(
      '[\n{"next":9007199254740994,"pay":1.1,"kind":"real","active":1},\n' +
        '{"next":3,"pay":"-12345678901234567890.5","kind":"text","active":0}\n]\n',
    );
  });

  it('prints a table, and says where it has no row', async () => {
    expect(await query('select _id, "work.site" as site from bob_people')).toBe(
      ' _id  site\n 1    Nowhere\n 2\n',
    );
    expect(await query("select * from bob_people where _id = 'x'")).toBe('No row.\n');
    expect(await query('select * from bob_work', '--json')).toBe('[]\n');
    expect(await query('select count(*) as n from bob_people', '--deleted', '--csv')).toBe('"n"\r\n3\r\n');
  });

  it('prints no more rows than a screen takes, and says how many are left', async () => {
    const sql =
      'with recursive n(i) as (select 1 union all select i + 1 from n where i < 1234) select i from n';
    const shown = await query(sql);
    expect(shown.split('\n')).toHaveLength(203);
    expect(shown).toContain('1,034 more rows: --csv and --json print all of them.');
    expect((await query(sql, '--csv')).split('\r\n')).toHaveLength(1236);
  });

  it('names the tables', async () => {
    expect((await run('query', '--tables')).stdout).toBe('bob_people\nbob_time_off_changes\nbob_work\n');
  });

  it.each<[readonly string[], RegExp]>([
    [['delete from bob_people'], /^query: the statement can only read/],
    [['drop table bob_people'], /^query: the statement can only read/],
    [["attach '/tmp/x.db' as x"], /^query: the statement can only read/],
    [['pragma database_list'], /^query: the statement can only read/],
    [["select * from pragma_table_info('bob_people')"], /^query: the statement can only read/],
    [["select load_extension('x')"], /^query: /],
    [
      ["select readfile('/etc/passwd')"],
      /^query: SQLite does not take the statement: no such function: readfile/,
    ],
    [['select * from bob_peopel'], /^query: there is no table bob_peopel \(did you mean bob_people\?\)/],
    [['select nobody from bob_people'], /^query: SQLite does not take the statement: no such column: nobody/],
    [
      ['select "nothing" from bob_people'],
      /^query: SQLite does not take the statement: no such column: "?nothing/,
    ],
    [
      ["select json_extract('{', '$.a') from bob_people"],
      /^query: SQLite does not take the statement: malformed JSON/,
    ],
    [['select 1; drop table bob_people'], /^query takes one statement, and there is more behind it/],
    [['selec'], /^query: SQLite does not take the statement: near "selec"/],
    [[''], /^query/],
    [[], /^query takes a statement of SQL, or --tables/],
    [['select 1', '--tables'], /^query takes a statement of SQL, or --tables/],
    [['select 1', '--csv', '--json'], /^--csv and --json cannot go together/],
  ])('reads and does nothing else, and says so in a sentence: %j', async (args, sentence) => {
    const { status, stdout, stderr } = await run('query', ...args);
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(sentence);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
  });
});

describe('pagekeeper schema', () => {
  it('tells the columns, their types and how often they are filled, and no value', async () => {
    const { status, stdout } = await run('schema', 'bob/people');
    expect(status).toBe(0);
    expect(stdout.split('\n').map((line) => line.trim().split(/ {2,}/))).toEqual([
      ['column', 'type', 'filled', 'since', 'last'],
      ['_id', 'text', '100 %'],
      ['_first_seen_at', 'timestamp', '100 %'],
      ['_changed_at', 'timestamp', '100 %'],
      ['_deleted_at', 'timestamp', '0 %'],
      ['id', 'text', '100 %', '2026-01-01', '2026-01-01'],
      ['displayName', 'text', '100 %', '2026-01-01', '2026-01-01'],
      ['work.site', 'text', '50 %'],
      ['work.startDate', 'date', '50 %'],
      ['pay', 'decimal(38, 2)', '100 %'],
      ['badge', 'integer', '100 %'],
      ['active', 'boolean', '100 %'],
      ['tags', 'json', '100 %'],
      [''],
      ['Learned from 2 records.'],
      [''],
    ]);
    const asJson = JSON.parse((await run('schema', 'bob/people', '--json')).stdout) as object;
    const firstSeen = '2026-01-01T00:00:00.000Z';
    expect(asJson).toMatchObject({ stream: 'bob/people', rows: 2 });
    expect(asJson).toHaveProperty('columns.4', {
      name: 'id',
      type: 'text',
      filled: 2,
      firstSeen,
      lastSeen: firstSeen,
    });
    expect(asJson).toHaveProperty('columns.7', { name: 'work.startDate', type: 'date', filled: 1 });
    expect((await run('schema', 'bob/people', '--format', 'typescript')).stdout).toMatch(
      /^export interface BobPeople \{\n {2}readonly "_id": string;/,
    );
    expect((await run('schema', 'bob/people', '--format', 'postgres')).stdout).toContain(
      '"pay" numeric(38, 2),',
    );
    const { stdout: view } = await run('schema', 'bob/people', '--format', 'athena');
    expect(view).toMatch(/^create or replace view bob_people as\nwith lines as/);
    // One that stands at the root, in two forms.
    expect(view).toContain(`json_extract_scalar(line, '$["data"]["/root/displayName"]')`);
    expect(view).toContain(
      `try_cast(json_extract_scalar(line, '$["data"]["pay"]') as decimal(38, 2)) end as "pay"`,
    );
    expect((await run('schema', 'bob/work')).stdout).toContain('Learned from 0 records.');
  });

  it.each<[readonly string[], RegExp]>([
    [['bob/peple'], /no such stream/],
    [
      ['bob/people', '--format', 'xml'],
      /Allowed choices are table, json-schema, typescript, postgres, athena/,
    ],
    [['bob/people', '--create'], /^--create goes with --format athena, and with --stack\.$/m],
    [
      ['bob/people', '--format', 'athena', '--create'],
      /^--create is for a deployment: name it with --stack\.$/m,
    ],
  ])('says what is wrong in a sentence: %j', async (args, sentence) => {
    const { status, stderr } = await run('schema', ...args);
    expect(status).toBe(2);
    expect(stderr).toMatch(sentence);
  });
});

describe('pagekeeper streams', () => {
  it('tells what is stored, when it changed last, and what else there is', async () => {
    const { stdout } = await run('streams');
    expect(
      stdout
        .split('\n')
        .slice(0, 4)
        .map((line) => line.trim().split(/ {2,}/)),
    ).toEqual([
      ['stream', 'stored', 'deleted', 'last change'],
      ['bob/people', '2', '1', '2026-03-01T00:00:00Z'],
      ['bob/time-off-changes', '3', '2026-02-01T00:00:00Z'],
      ['bob/work', '0'],
    ]);
    expect(stdout).toContain('\nbob can also sync: work, lifecycle, ');
    for (const line of stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
    const { streams, further } = JSON.parse((await run('streams', '--json')).stdout) as Record<
      string,
      object[]
    >;
    expect(streams?.[0]).toEqual({
      ...{ stream: 'bob/people', rows: 2, deleted: 1, lastChangeAt: '2026-03-01T00:00:00.000Z' },
    });
    expect(further?.length).toBeGreaterThan(0);
  });
});

describe('pagekeeper records of single rows', () => {
  const ids = (text: string): string[] =>
    text.split('\n').flatMap((line) => (line === '' ? [] : [(JSON.parse(line) as { id: string }).id]));

  it('prints those that are named, and says how many are not there', async () => {
    expect(ids((await run('records', 'bob/people', '2', '1', '2')).stdout)).toEqual(['2', '1']);
    const { status, stdout } = await run('records', 'bob/people', '1', 'nobody');
    expect([status, ids(stdout)]).toEqual([1, ['1']]);
  });

  it.each<[readonly string[], string[]]>([
    [['--where', 'work.site=Nowhere'], ['1']],
    [
      ['--where', 'work.site='],
      ['2', '3'],
    ],
    [['--where', 'badge=9007199254740993'], ['1']],
    [['--where', 'active=true', '--where', 'badge=3'], ['3']],
    [['--where', 'pay=1.1'], []],
    [
      ['--limit', '2'],
      ['1', '2'],
    ],
    [['--where', 'active=true', '--limit', '1'], ['1']],
  ])('prints those that fit: %j', async (options, found) => {
    expect(ids((await run('records', 'bob/people', ...options)).stdout)).toEqual(found);
  });

  it.each<[readonly string[], RegExp]>([
    [['1', '--limit', '2'], /^--limit goes without ids/],
    [['--limit', '0'], /It takes a whole number from 1/],
    [['--limit', 'x'], /It takes a whole number from 1/],
    [['--where', 'x'], /It takes a field and a value, such as/],
    [['--where', '=x'], /It takes a field and a value, such as/],
  ])('says what is wrong in a sentence: %j', async (options, sentence) => {
    const { status, stderr } = await run('records', 'bob/people', ...options);
    expect(status).toBe(2);
    expect(stderr).toMatch(sentence);
  });
});
