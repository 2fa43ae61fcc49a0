import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';

import { z } from 'zod';

import { readAssembly } from '../../emulator/template/read-assembly.ts';
import type { TemplateModel } from '../../emulator/template/template-model.ts';
import { projectRoot, userFolder } from '../../settings/project.ts';
import { SettingsError } from '../../settings/settings-error.ts';
import { parseSettings } from '../../settings/settings-schema.ts';
import { makePrivate } from '../data-folder/private-files.ts';
import { KeptAssemblies } from './kept-assemblies.ts';

export interface SynthesizeOptions {
  /** Where the assembly goes, absolute or relative to the working directory; made anew, for this user alone. */
  readonly outdir: string;
  /** Put over the context of cdk.json, key by key. */
  readonly context?: Readonly<Record<string, unknown>>;
  /** A copy of this project, with a cdk.json of its own; the folder of the app by default. */
  readonly project?: string;
  readonly signal?: AbortSignal;
}

/** The app did not synthesize. The message is what the app itself said. */
export class SynthesisError extends Error {
  override readonly name = 'SynthesisError';
}

/**
 * Synthesizes, and reads the template.
 * @throws SynthesisError if the app fails, an AbortError after the signal, TemplateError if the template holds what the
 * local runner cannot do.
 */
export async function synthesize(options: SynthesizeOptions): Promise<TemplateModel> {
  return readAssembly(await assemble(options));
}

/**
 * Runs the app of cdk.json as the CDK CLI does, unless an assembly of the same settings and code is kept.
 * @returns the folder of the assembly, absolute @throws SettingsError if cdk.json cannot be used, SynthesisError if the app fails, an AbortError after the signal
 */
export async function assemble(options: SynthesizeOptions): Promise<string> {
  const project = options.project ?? userFolder();
  const outdir = path.resolve(options.outdir);
  const settings = parse(await readJson(path.join(project, 'cdk.json')));
  const context = { ...settings.context, ...options.context };
  // Of an app of the user's own nobody knows all that it is made of. What this project's connectors from outside are is in files
  // of their own.
  const isOwn = options.project === undefined && project !== projectRoot;
  const own = isOwn ? undefined : parseSettings(context['pagekeeper'], project).connectors;
  const kept = isOwn ? null : new KeptAssemblies(project, { ...settings, context, own });
  const fingerprint = (await kept?.fingerprint()) ?? '';
  await makeAnew(outdir);
  if (await kept?.take(fingerprint, outdir)) {
    if (options.signal?.aborted) throw new DOMException('The synthesis was aborted', 'AbortError');
  } else {
    await makeAnew(outdir);
    const variables = { CDK_OUTDIR: outdir, CDK_CONTEXT_JSON: JSON.stringify(context) };
    await runApp(settings.app, project, variables, options.signal);
    // The CDK opens its bundles to everybody, so that a container of any user could write them.
    await makePrivate(outdir);
    await kept?.keep(fingerprint, outdir);
  }
  return outdir;
}

/** In a folder of its own, as long as it is read. */
export async function withAssembly<T>(
  options: Omit<SynthesizeOptions, 'outdir'>,
  read: (folder: string) => Promise<T>,
): Promise<T> {
  const outdir = await mkdtemp(path.join(tmpdir(), 'pagekeeper-assembly-'));
  try {
    return await read(await assemble({ ...options, outdir }));
  } finally {
    await rm(outdir, { recursive: true, force: true });
  }
}

async function makeAnew(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true, mode: 0o700 });
}

const mustBeApp = 'must be a command, such as "node app.ts"';
const cdkJson = z.object({
  app: z.string(mustBeApp).regex(/\S/, mustBeApp),
  context: z.record(z.string(), z.unknown(), 'must be an object').default({}),
});

/** @throws SettingsError */
function parse(json: unknown): z.output<typeof cdkJson> {
  const read = cdkJson.safeParse(json);
  if (read.success) return read.data;
  const wrong = read.error.issues.map(
    ({ path: [key], message }) => `${key === undefined ? '' : `${String(key)} `}${message}`,
  );
  throw new SettingsError(`cdk.json: ${wrong.join('; ')}.`);
}

async function runApp(
  command: string,
  project: string,
  variables: Readonly<Record<string, string>>,
  signal: AbortSignal | undefined,
): Promise<void> {
  const [first, ...args] = command.trim().split(/\s+/);
  // A shell in between would keep signals to itself, so it is left out where none is needed.
  const [file, given, shell] = first === 'node' ? [process.execPath, args, false] : [command, [], true];
  const child = spawn(file, given, {
    cwd: project,
    shell,
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(signal === undefined ? {} : { signal }),
    env: {
      ...process.env,
      // An app may be run by tools of its own packages, and under this Node.
      PATH: [
        path.join(project, 'node_modules', '.bin'),
        path.dirname(process.execPath),
        process.env['PATH'],
      ].join(path.delimiter),
      // CloudFormation's own rules are for what goes to AWS: `cdk` holds a deployment to them. They take longer than all the
      // rest, and change nothing in the template.
      CDK_VALIDATION: 'false',
      ...variables,
    },
  });
  const ended = new Promise<number | string>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, killedBy) => {
      resolve(code ?? killedBy ?? 1);
    });
  });
  const [status, errors, output] = await Promise.all([ended, text(child.stderr), text(child.stdout)]);
  if (status === 0) return;
  throw new SynthesisError(errors.trim() || output.trim() || `${command} ended with ${String(status)}`);
}

async function readJson(file: string): Promise<unknown> {
  return JSON.parse(await readFile(file, 'utf8')) as unknown;
}
