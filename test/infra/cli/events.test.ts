import { rm } from 'node:fs/promises';
import path from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { pagekeeper } from '../../../infra/cli/program.ts';
import type { BusEvent } from '../../../infra/emulator/embedded/embedded-events.ts';
import { KeptEvents } from '../../../infra/emulator/embedded/kept-events.ts';
import { openDataFolder } from '../../../infra/laptop/data-folder/data-folder.ts';
import { writeDescription } from '../../../infra/laptop/data-folder/description.ts';
import type { PagekeeperEvent } from '../../../lib/events/event.ts';
import { fakeOutput } from '../../support/fake-output.ts';
import { recordsChanged, runEnded, stateChanged } from '../../support/sent-events.ts';
import { temporaryFolder, type TemporaryFolder } from '../../support/temporary-folder.ts';
import { runHere } from '../run-here.ts';

/** `events` on a data folder, into which they are written as the local runner does. */

const people = 'bob/people';

let folder: TemporaryFolder;
let data: string;

beforeEach(async () => {
  folder = await temporaryFolder();
  data = path.join(folder.path, 'data');
  await openDataFolder(data);
  const streams = [people, 'bob/work', 'mobaro/users'];
  await writeDescription(data, { checkpointsTable: 'C', recordsTable: 'R', streams });
});

afterEach(() => folder[Symbol.asyncDispose]());

/** As EventBridge would deliver it. */
function onBus({ type, detail }: PagekeeperEvent, source = 'pagekeeper'): BusEvent {
  return {
    ...{ version: '0', id: detail.id, 'detail-type': type, source, account: '0', resources: [] },
    ...{ time: detail.at.replace(/\.\d+/, ''), region: 'us-east-1', detail: { ...detail } },
  };
}

async function send(...events: readonly PagekeeperEvent[]): Promise<void> {
  await new KeptEvents(data).add(events.map((event) => onBus(event)));
}

const cli = (...args: readonly string[]) => runHere(['events', ...args, '--data', data]);

async function listed(...args: readonly string[]): Promise<readonly string[]> {
  const { status, stdout, stderr } = await cli('--json', ...args);
  expect([status, stderr]).toEqual([0, '']);
  const { schemaVersion, events } = JSON.parse(stdout) as {
    schemaVersion: number;
    events: PagekeeperEvent[];
  };
  expect(schemaVersion).toBe(1);
  return events.map(({ detail }) => detail.id);
}

describe('pagekeeper events', () => {
  it('prints a line for each, with the few words that matter', async () => {
    await send(runEnded(people), stateChanged('mobaro/users'), recordsChanged(people));
    await send(runEnded('bob/work', { reason: null, outcome: 'complete', deleted: 2 }));
    await send(stateChanged('bob/work', { reason: null }), recordsChanged('bob/work', { key: null }));
    expect(await cli()).toEqual({
      ...{ status: 0, stderr: '' },
      stdout: [
        '2026-03-01T08:00:00.000Z  Run Ended             bob/people  partial (a page was odd): 1,200 records, 3 written, 1,197 unchanged',
        '2026-03-01T08:00:01.000Z  Stream State Changed  mobaro/users  idle → halted (HTTP 403)',
        '2026-03-01T08:00:02.000Z  Records Changed       bob/people  2 created, 1 erased  changes/v1/bob/people/1.ndjson',
        '2026-03-01T08:00:00.000Z  Run Ended             bob/work  complete: 1,200 records, 3 written, 1,197 unchanged, 2 deleted',
        '2026-03-01T08:00:01.000Z  Stream State Changed  bob/work  idle → halted',
        '2026-03-01T08:00:02.000Z  Records Changed       bob/work  2 created, 1 erased',
        '',
      ].join('\n'),
    });
  });

  it('prints with --json each as it was sent, and nothing that is not of this product', async () => {
    const event = runEnded(people);
    await send(event);
    await new KeptEvents(data).add([onBus(event, 'another'), { ...onBus(event), 'detail-type': 'Of later' }]);
    const { stdout } = await cli('--json');
    expect(JSON.parse(stdout)).toEqual({ schemaVersion: 1, events: [event] });
  });

  it('chooses by stream, connection, kind and time', async () => {
    const now = new Date().toISOString();
    await send(runEnded(people, { id: 'old' }), runEnded(people, { id: 'new', at: now }));
    await send(recordsChanged('mobaro/users', { id: 'other', at: now }));
    expect(await listed()).toEqual(['old', 'new', 'other']);
    expect(await listed(people)).toEqual(['old', 'new']);
    expect(await listed('mobaro')).toEqual(['other']);
    expect(await listed('--type', 'Run Ended', '--since', '1h')).toEqual(['new']);
    expect(await listed('--since', '2026-03-01T09:00Z')).toEqual(['new', 'other']);
    expect(await cli('bob/work')).toMatchObject({ stdout: 'No such event has been sent in that time.\n' });
  });

  it('says so where nothing has been sent yet', async () => {
    expect(await cli()).toEqual({
      ...{ status: 0, stderr: '', stdout: 'No such event has been sent in that time.\n' },
    });
    expect(await listed()).toEqual([]);
  });

  it('goes on with --follow, also when the older ones have been dropped or all begins anew', async () => {
    await send(runEnded(people, { id: '1' }));
    const out = fakeOutput();
    let text = '';
    out.on('data', (chunk: Buffer) => (text += String(chunk)));
    const ids = () =>
      text
        .split('\n')
        .slice(0, -1)
        .map((line) => (JSON.parse(line) as PagekeeperEvent).detail.id);
    const stop = new AbortController();
    const args = ['events', 'bob', '--follow', '--json', '--data', data];
    const ended = pagekeeper(args, out, {}, null, { signal: stop.signal });
    await expect.poll(ids).toEqual(['1']);
    await send(runEnded(people, { id: '2' }), runEnded('mobaro/users', { id: 'of another' }));
    await expect.poll(ids, { timeout: 3000 }).toEqual(['1', '2']);
    await new KeptEvents(data, 1200).add([onBus(runEnded(people, { id: '3' }))]);
    await expect.poll(ids, { timeout: 3000 }).toEqual(['1', '2', '3']);
    await rm(path.join(data, 'events.ndjson'));
    await send(runEnded(people, { id: '4' }));
    await expect.poll(ids, { timeout: 3000 }).toEqual(['1', '2', '3', '4']);
    stop.abort();
    expect(await ended).toBe(0);
  });

  it.each([
    [['bob/wrok'], 'did you mean bob/work'],
    [['bbo'], 'There is no such connection'],
    [['--since', 'yesterday'], 'It takes a date'],
    [
      ['--type', 'Run ended'],
      'Allowed choices are Run Ended, Stream State Changed, Schema Changed, Records Changed',
    ],
    [['--region', 'eu-west-1'], 'cannot be used with'],
  ])('%j is an error in a sentence', async (args, sentence) => {
    const { status, stderr, stdout } = await cli(...args);
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toContain(sentence);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
  });

  it('says where no run has stored anything', async () => {
    const { status, stderr } = await runHere(['events', '--data', path.join(folder.path, 'none')]);
    expect(status).toBe(2);
    expect(stderr).toContain('There is no data in');
  });
});
