import { once } from 'node:events';
import type { Readable } from 'node:stream';

import { expect, it } from 'vitest';

import { pagekeeper } from '../../../infra/cli/program.ts';
import { inRun, record } from '../../support/contracts/records.ts';
import { fakeOutput } from '../../support/fake-output.ts';
import { LoggedData } from '../../support/logged-data.ts';
import { launch } from '../../support/start-command.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { runHere } from '../run-here.ts';

/** `changes --follow` as a process of its own, which a person ends by Ctrl-C. */

const people = 'bob/people';
const { signal } = new AbortController();

/** What has been printed once some text is in it. */
async function untilPrinted(out: Readable, text: string): Promise<void> {
  for (let printed = ''; !printed.includes(text);) {
    const [chunk] = (await once(out, 'data')) as [Buffer];
    printed += chunk.toString();
  }
}

it('prints what comes meanwhile, and where to go on from when it is stopped', async () => {
  await using folder = await temporaryFolder();
  const data = await LoggedData.in(folder.path, [people]);
  const store = (id: string) =>
    data.work(async ({ records }) => {
      await records.upsert(people, [record(id)], inRun(Date.now()), signal);
    });
  await store('first');
  const options = ['--ids', '--format', 'csv', '--data', data.path];
  const { child, finished } = launch('infra/cli.ts', ['changes', '--follow', ...options]);
  await untilPrinted(child.stdout!, 'first');
  // Between two looks the folder is free.
  await store('second');
  await untilPrinted(child.stdout!, 'second');
  child.kill('SIGINT');
  const { status, stdout, stderr } = await finished;
  expect(status).toBe(0);
  const lines = stdout.split('\r\n').map((line) => line.split(',').slice(0, 3).join());
  expect(lines).toEqual([
    '"stream","id","op"',
    '"bob/people","first","created"',
    '"bob/people","second","created"',
    '',
  ]);
  const [, cursor = ''] = /^Go on with --since (c1\.\S+)\n$/.exec(stderr) ?? [];
  const next = await runHere(['changes', '--since', cursor, '--data', data.path]);
  expect([next.status, next.stdout]).toEqual([0, '']);
});

it('names no cursor when it is stopped before the snapshot is printed', async () => {
  await using folder = await temporaryFolder();
  const data = await LoggedData.in(folder.path, [people]);
  await data.work(async ({ records, takeSnapshots }) => {
    await records.upsert(people, [record('first')], inRun(Date.now()), signal);
    await takeSnapshots();
  });
  const [out, err] = [fakeOutput(), fakeOutput()];
  const args = ['changes', '--from-snapshot', '--follow', '--data', data.path];
  expect(await pagekeeper(args, out, {}, null, { err, signal: AbortSignal.abort() })).toBe(0);
  expect([out.read(), String(err.read())]).toEqual([
    null,
    'It was stopped before all of the snapshot was printed: begin with --from-snapshot again.\n',
  ]);
});
