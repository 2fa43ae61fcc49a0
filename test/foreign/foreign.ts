import { writeFileSync } from 'node:fs';

import { watchSignals } from '../../infra/laptop/signals.ts';
import { tryContracts } from './contracts.ts';
import { tryDeployments } from './deployments.ts';
import { gaps } from './gaps.ts';
import { tryLake } from './lake.ts';
import { NoPackage, pythonWith } from './python-packages.ts';
import { startMiniStack, type MiniStack } from './ministack.ts';
import { Report } from './report.ts';
import { tryUpgrades } from './upgrades.ts';
import { tryWholeSync } from './whole-sync.ts';

/**
 * `npm run test:foreign`: the product on a server that this project has not chosen to be built on, MiniStack. Prints a table;
 * exit code 1 if anything failed. Where MiniStack cannot be had it says so in a line, and that is no failure.
 */

const chapters = {
  'the deployments': tryDeployments,
  'the upgrades': tryUpgrades,
  'the contract tests': tryContracts,
  'the whole sync': tryWholeSync,
};

const report = new Report();
try {
  await tryLake(report);
  await tryAll(await startMiniStack(await pythonWith('ministack-requirements.txt', 'MiniStack')));
} catch (error) {
  if (!(error instanceof NoPackage)) throw error;
  console.log(`MiniStack is left out: ${error.message}.`);
}
writeCounts();

async function tryAll(server: MiniStack): Promise<void> {
  const interruption = watchSignals(() => void server.stop());
  try {
    for (const gap of gaps) console.log(gap);
    for (const [title, tryChapter] of Object.entries(chapters)) {
      try {
        await tryChapter(report, server.endpoint);
      } catch (error) {
        // What lies between the checks has failed, and what would have followed was not tried.
        await report.check(`${title} to their end`, () => Promise.reject(error as Error));
      }
      if (interruption.signal.aborted) break;
    }
    if (report.failed > 0) console.error(server.log());
  } finally {
    await server.stop();
    interruption.release();
  }
  console.log(`\n${report.toString()}\n\n${String(report.passed)} passed, ${String(report.failed)} failed`);
  process.exitCode = interruption.exitStatus() ?? (report.failed > 0 ? 1 : 0);
}

/** Where `.ci/run` wants them, as vitest writes its own. */
function writeCounts(): void {
  const file = process.env['PAGEKEEPER_TEST_REPORT'];
  if (file === undefined) return;
  const counts = { numPassedTests: report.passed, numFailedTests: report.failed };
  writeFileSync(file, JSON.stringify(counts));
}
