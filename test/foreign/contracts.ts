import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { z } from 'zod';

import { projectRoot } from '../../infra/settings/project.ts';
import type { Report } from './report.ts';

/** Those that ask DynamoDB or SQS; the others in the folder ask servers of their own, or none. */
const files = ['dynamo-', 'sqs-page-queue', 'dead-letters', 'deployment-in-mid-run'].map(
  (name) => `test/lib/aws/${name}`,
);

const counts = z.object({
  numPassedTests: z.number(),
  numFailedTests: z.number(),
  testResults: z.array(
    z.object({
      name: z.string(),
      message: z.string().default(''),
      assertionResults: z.array(
        z.object({
          fullName: z.string(),
          status: z.string(),
          failureMessages: z.array(z.string()).default([]),
        }),
      ),
    }),
  ),
});

/** The contract tests of the adapters, as they are, on the server in place of the embedded ones. */
export async function tryContracts(report: Report, endpoint: string): Promise<void> {
  const start = performance.now();
  const folder = await mkdtemp(path.join(tmpdir(), 'pagekeeper-foreign-'));
  const outputFile = path.join(folder, 'report.json');
  try {
    const status = await runVitest(outputFile, endpoint);
    const { numPassedTests, numFailedTests, testResults } = counts.parse(
      JSON.parse(await readFile(outputFile, 'utf8')),
    );
    const failures = testResults.flatMap(({ name, message, assertionResults }) => [
      // A file that could not be begun has no tests at all.
      ...(assertionResults.length === 0 ? [`${path.relative(projectRoot, name)}: ${message}`] : []),
      ...assertionResults
        .filter((one) => one.status === 'failed')
        .map(({ fullName, failureMessages }) => `${fullName}: ${failureMessages[0]?.split('\n')[0] ?? ''}`),
    ]);
    const failed = numFailedTests > 0 || status === 0 ? numFailedTests : 1;
    report.add('the contract tests of the adapters', {
      passed: numPassedTests,
      failed,
      seconds: (performance.now() - start) / 1000,
      error: failed === 0 ? null : failures.join('\n  ') || `vitest ended with ${String(status)}`,
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** @returns its exit status */
async function runVitest(outputFile: string, endpoint: string): Promise<number | null> {
  const vitest = path.join(projectRoot, 'node_modules', 'vitest', 'vitest.mjs');
  const args = ['run', '--reporter=json', `--outputFile=${outputFile}`, ...files];
  const child = spawn(process.execPath, [vitest, ...args], {
    cwd: projectRoot,
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, PAGEKEEPER_TEST_ENDPOINT: endpoint },
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
}
