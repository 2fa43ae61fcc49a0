import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { DataInUseError } from '../../../../infra/emulator/embedded/data-lock.ts';
import { lockData } from '../../../../infra/laptop/data-folder/lock.ts';

let data: string;

beforeEach(async () => {
  data = await mkdtemp(join(tmpdir(), 'pagekeeper-test-'));
});
afterEach(async () => {
  await rm(data, { recursive: true });
});

describe('lockData', () => {
  it('lets one in, and the next one once that has left', async () => {
    const unlock = await lockData(data, 0);
    await expect(lockData(data, 0)).rejects.toThrow(DataInUseError);

    await unlock();
    await (
      await lockData(data, 0)
    )();
  });

  it('waits for whoever has it', async () => {
    const unlock = await lockData(data, 0);
    const waiting = lockData(data, 10_000);
    await unlock();

    await (
      await waiting
    )();
  });
});
