import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';

import { GetSecretValueCommand, PutSecretValueCommand } from '@aws-sdk/client-secrets-manager';

import { withAssembly } from '../../infra/laptop/run/synthesize.ts';
import { logicalIdOf, secretNameOf, type TablePart } from '../../infra/settings/names.ts';
import type { ConnectionInput, SettingsInput } from '../../infra/settings/settings-schema.ts';
import type { SimulatedVendor } from '../../infra/simulators/start-simulated-vendor.ts';
import { DynamoCheckpoints } from '../../lib/aws/dynamo-checkpoints.ts';
import { DynamoRecords } from '../../lib/aws/dynamo-records.ts';
import type { Checkpoint } from '../../lib/sync/checkpoint.ts';
import type { Account } from './account.ts';
import { physicalIdOf, type TableNames } from './as-expected.ts';
import { callingOnly } from './base-urls.ts';
import type { StackTemplate } from './gaps.ts';
import { publish } from './publish.ts';
import { createStack, deleteStack, resourcesOf, updateStack, type StackResource } from './stacks.ts';

/** A run that has not ended by then never will. */
const patienceMs = 120_000;

export interface DeployedSettings {
  readonly tables?: SettingsInput['tables'];
  readonly connections: Readonly<Record<string, ConnectionInput>>;
}

/** By connection. */
export type Vendors = ReadonlyMap<string, Pick<SimulatedVendor, 'url' | 'secret'>>;

/** A stack whose functions call simulated vendors on this machine, and what is done with it. */
export class Deployed {
  readonly account: Account;
  readonly stackName = 'Pagekeeper';
  there: readonly StackResource[] = [];
  #settings: DeployedSettings = { connections: {} };
  #template: StackTemplate = { Resources: {} };

  constructor(account: Account) {
    this.account = account;
  }

  create(settings: DeployedSettings, vendors: Vendors): Promise<void> {
    return this.#deploy(createStack, settings, vendors);
  }

  update(settings: DeployedSettings, vendors: Vendors): Promise<void> {
    return this.#deploy(updateStack, settings, vendors);
  }

  delete(): Promise<void> {
    return deleteStack(this.account, this.stackName);
  }

  async #deploy(by: typeof createStack, settings: DeployedSettings, vendors: Vendors): Promise<void> {
    const urls = new Map([...vendors].map(([connection, { url }]) => [connection, url]));
    const { template } = await withAssembly({ context: { pagekeeper: settings } }, (assembly) =>
      publish(assembly, this.account, callingOnly(urls)),
    );
    await by(this.account, this.stackName, template);
    this.#settings = settings;
    this.#template = template;
    this.there = await resourcesOf(this.account, this.stackName);
  }

  get tables(): TableNames {
    const { records, checkpoints } = this.#settings.tables ?? {};
    const own = (part: TablePart): string => physicalIdOf(this.there, logicalIdOf('Tables', part));
    return {
      records: records?.name ?? own('Records'),
      checkpoints: checkpoints?.name ?? own('Checkpoints'),
    };
  }

  /** The watchdog's schedule has none. */
  get streams(): readonly string[] {
    return ticksIn(this.#template).flatMap(({ input }) => (input.stream === undefined ? [] : [input.stream]));
  }

  async tick(stream: string): Promise<void> {
    const tick = ticksIn(this.#template).find(({ input }) => input.stream === stream);
    if (tick === undefined) throw new Error(`There is no schedule of ${stream}`);
    const event = { ...tick.input, scheduledAt: new Date().toISOString() };
    const { error, payload } = await this.account.invoke(physicalIdOf(this.there, tick.functionId), event);
    assert.equal(error, null, payload);
  }

  async tickAll(): Promise<readonly Checkpoint[]> {
    for (const stream of this.streams) await this.tick(stream);
    return this.untilAtRest();
  }

  /** @throws Error with what they are, if a run is still open after a long while */
  async untilAtRest(): Promise<readonly Checkpoint[]> {
    const checkpoints = new DynamoCheckpoints(this.account.dynamoDb, this.tables.checkpoints);
    const deadline = performance.now() + patienceMs;
    for (;;) {
      const all = await checkpoints.readAll(this.streams);
      const found = this.streams.flatMap((stream) => all.get(stream) ?? []);
      if (found.length === this.streams.length && found.every(({ state }) => state !== 'running'))
        return found;
      if (performance.now() > deadline) {
        const states = found.map(({ stream, state, outcome }) => `${stream} ${state} ${String(outcome)}`);
        throw new Error(`Still under way: ${states.join(', ')}`);
      }
      await sleep(250);
    }
  }

  async secretOf(connection: string): Promise<Readonly<Record<string, string>>> {
    const { SecretString = '{}' } = await this.account.secrets.send(
      new GetSecretValueCommand({ SecretId: this.#secretName(connection) }),
    );
    return JSON.parse(SecretString) as Record<string, string>;
  }

  /** Beside what was generated. */
  async fillIn(connection: string, credentials: Readonly<Record<string, string>>): Promise<void> {
    const value = JSON.stringify({ ...(await this.secretOf(connection)), ...credentials });
    await this.account.secrets.send(
      new PutSecretValueCommand({ SecretId: this.#secretName(connection), SecretString: value }),
    );
  }

  /** By stream: the ids of what is stored and not deleted, in order. */
  async storedIds(): Promise<ReadonlyMap<string, readonly string[]>> {
    const records = new DynamoRecords(this.account.dynamoDb, this.tables.records);
    const stored = new Map<string, readonly string[]>();
    for (const stream of this.streams) {
      const all = await Array.fromAsync(records.scan(stream));
      const present = all.filter(({ deletedAt }) => deletedAt === null);
      stored.set(stream, present.map(({ id }) => id).toSorted());
    }
    return stored;
  }

  #secretName(connection: string): string {
    const { secret = null } = this.#settings.connections[connection] ?? {};
    return secretNameOf(this.stackName, { name: connection, secret });
  }
}

interface Tick {
  readonly functionId: string;
  readonly input: { readonly stream?: string };
}

/** What Scheduler would send, and to which function: as the template's schedules have it. */
function ticksIn({ Resources }: StackTemplate): readonly Tick[] {
  return Object.values(Resources).flatMap(({ Type, Properties }) => {
    if (Type !== 'AWS::Scheduler::Schedule') return [];
    const { Arn, Input } = Properties?.['Target'] as { Arn: { 'Fn::GetAtt': [string] }; Input: string };
    return [{ functionId: Arn['Fn::GetAtt'][0], input: JSON.parse(Input) as Tick['input'] }];
  });
}
