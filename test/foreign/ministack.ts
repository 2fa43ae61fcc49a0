import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { close, listen } from '../../infra/loopback/listen.ts';
import { projectRoot } from '../../infra/settings/project.ts';
import { region } from './account.ts';

export interface MiniStack {
  /** `http://127.0.0.1:PORT` */
  readonly endpoint: string;
  /** The end of what it has written. */
  log(): string;
  /** With all functions that it runs. */
  stop(): Promise<void>;
}

const startMs = 120_000;

/** Starts it on a free port of this machine alone, with a folder of its own for all that it writes. */
export async function startMiniStack(python: string): Promise<MiniStack> {
  const folder = await mkdtemp(path.join(tmpdir(), 'pagekeeper-foreign-'));
  const logFile = path.join(folder, 'ministack.log');
  const port = await freePort();
  const output = openSync(logFile, 'w');
  const child = spawn(python, [path.join(import.meta.dirname, 'run-ministack.py')], {
    cwd: folder,
    // A group of its own, so that it ends with all that it has started.
    detached: true,
    stdio: ['pipe', output, output],
    env: variablesFor(folder, port),
  });
  closeSync(output);
  const server: MiniStack = {
    endpoint: `http://127.0.0.1:${String(port)}`,
    log: () => endOf(logFile),
    async stop() {
      await endGroup(child);
      await rm(folder, { recursive: true, force: true });
    },
  };
  try {
    await untilHealthy(server, child);
    return server;
  } catch (error) {
    await server.stop();
    throw error;
  }
}

/** Nothing once it is stopped. */
function endOf(file: string): string {
  if (!existsSync(file)) return '';
  return readFileSync(file, 'utf8').split('\n').slice(-20).join('\n').trim();
}

/** Nothing of the user's own: neither their AWS account nor their Docker. */
function variablesFor(folder: string, port: number): Record<string, string> {
  return {
    // The functions run with the first `node` that it finds.
    PATH: [path.join(projectRoot, 'node_modules', '.bin'), process.env['PATH'] ?? ''].join(path.delimiter),
    HOME: folder,
    TMPDIR: folder,
    BIND_HOST: '127.0.0.1',
    MINISTACK_HOST: '127.0.0.1',
    GATEWAY_PORT: String(port),
    MINISTACK_REGION: region,
    STATE_DIR: path.join(folder, 'state'),
    S3_DATA_DIR: path.join(folder, 's3'),
    DOCKER_HOST: `unix://${path.join(folder, 'no-docker.sock')}`,
    LOG_LEVEL: 'WARNING',
    // They would listen on every interface.
    SFTP_ENABLED: '0',
    IOT_MTLS_ENABLED: '0',
  };
}

async function untilHealthy({ endpoint, log }: MiniStack, child: ChildProcess): Promise<void> {
  const deadline = performance.now() + startMs;
  for (;;) {
    const answer = await fetch(`${endpoint}/_ministack/health`).catch(() => null);
    if (answer?.ok === true) return;
    if (child.exitCode !== null || performance.now() > deadline)
      throw new Error(`MiniStack does not start: ${log()}`);
    await sleep(100);
  }
}

async function endGroup(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  process.kill(-child.pid, 'SIGKILL');
  await ended;
}

async function freePort(): Promise<number> {
  const server = createServer();
  const origin = await listen(server);
  await close(server);
  return Number(new URL(origin).port);
}
