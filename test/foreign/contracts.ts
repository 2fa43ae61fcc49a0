import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';

import { z } from 'zod';

import { projectRoot } from '../../infra/settings/project.ts';
import type { Report } from './report.ts';

/** Those that ask DynamoDB or SQS; the others in the folder ask servers of their own, or none. */
const files = ['dynamo-', 'sqs-page-queue', 'dead-letters', 'deployment-in-mid-run'].map(
  (name) => `test/lib/aws/${name}`,
);

const counts = z.object({
  numPassedTests: z.number(),
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
  const folder = await mkdtemp(path.join(tmpdir(), 'pagekeeper-contracts-'));
  const outputFile = path.join(folder, 'report.json');
  try {
    const said = await runVitest(outputFile, endpoint);
    if (!existsSync(outputFile)) throw new Error(`vitest has written no report: ${said}`);
    const found = counts.parse(JSON.parse(await readFile(outputFile, 'utf8')));
    const failures = failuresIn(found);
    report.add('the contract tests of the adapters', {
      passed: found.numPassedTests,
      // A file that cannot be loaded has no tests that could fail.
      failed: failures.length,
      seconds: (performance.now() - start) / 1000,
      error: failures.length === 0 ? null : failures.join('\n  '),
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function failuresIn({ testResults }: z.infer<typeof counts>): readonly string[] {
  return testResults.flatMap(({ name, message, assertionResults }) => {
    const file = path.relative(projectRoot, name);
    if (assertionResults.length === 0) return [`${file}: ${message}`];
    const failed = assertionResults.filter(({ status }) => status === 'failed');
    return failed.map(
      ({ fullName, failureMessages: [first = ''] }) => `${file}: ${fullName}: ${first.split('\n')[0] ?? ''}`,
    );
  });
}

/** @returns the end of what it says */
async function runVitest(outputFile: string, endpoint: string): Promise<string> {
  const vitest = path.join(projectRoot, 'node_modules', 'vitest', 'vitest.mjs');
  const child = spawn(process.execPath, [vitest, 'run', ...files], {
    cwd: projectRoot,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, PAGEKEEPER_TEST_ENDPOINT: endpoint, PAGEKEEPER_TEST_REPORT: outputFile },
  });
  const ended = new Promise<void>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', () => resolve());
  });
  const [output, errors] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  return `${output}${errors}`.slice(-2000).trim();
}
