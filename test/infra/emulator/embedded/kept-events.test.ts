import { chmod, mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { describe, expect, it } from 'vitest';

import type { BusEvent } from '../../../../infra/emulator/embedded/embedded-events.ts';
import { KeptEvents } from '../../../../infra/emulator/embedded/kept-events.ts';
import { temporaryFolder } from '../../../support/temporary-folder.ts';

const eventOf = (id: number): BusEvent => ({
  ...{ version: '0', id: String(id), 'detail-type': 'Run Ended', source: 'pagekeeper', account: '0' },
  ...{ time: '2026-03-01T08:00:00Z', region: 'us-east-1', resources: [], detail: {} },
});

async function idsIn(file: string): Promise<readonly number[]> {
  const lines = (await readFile(file, 'utf8')).split('\n');
  expect(lines.pop()).toBe('');
  return lines.map((line) => Number((JSON.parse(line) as BusEvent).id));
}

describe('the events that are kept', () => {
  it('are one a line, in the order in which they came, for their user alone', async () => {
    await using folder = await temporaryFolder();
    const file = path.join(folder.path, 'events.ndjson');
    const kept = new KeptEvents(folder.path);
    await kept.add([]);
    await expect(stat(file)).rejects.toThrow('ENOENT');
    void kept.add([eventOf(1), eventOf(2)]);
    void kept.add([eventOf(3)]);
    await kept.close();
    expect(await idsIn(file)).toEqual([1, 2, 3]);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
  });

  it('are the newer half when there are too many', async () => {
    await using folder = await temporaryFolder();
    const file = path.join(folder.path, 'events.ndjson');
    await writeFile(`${file}.new`, 'of a killed run');
    await chmod(`${file}.new`, 0o644);
    const bytes = JSON.stringify(eventOf(10)).length + 1;
    const kept = new KeptEvents(folder.path, bytes * 10);
    const ids = Array.from({ length: 11 }, (_, index) => 10 + index);
    for (const id of ids.slice(0, 10)) await kept.add([eventOf(id)]);
    expect(await idsIn(file)).toEqual(ids.slice(0, 10));
    await kept.add([eventOf(20)]);
    expect(await idsIn(file)).toEqual([16, 17, 18, 19, 20]);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    await kept.add([eventOf(21)]);
    expect(await idsIn(file)).toEqual([16, 17, 18, 19, 20, 21]);
  });

  it('go on being kept after one that could not be', async () => {
    await using folder = await temporaryFolder();
    const later = path.join(folder.path, 'later');
    const kept = new KeptEvents(later);
    await expect(kept.add([eventOf(1)])).rejects.toThrow('ENOENT');
    await mkdir(later);
    await kept.add([eventOf(2)]);
    expect(await idsIn(path.join(later, 'events.ndjson'))).toEqual([2]);
  });
});
