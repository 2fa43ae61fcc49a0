import { type AttributeValue, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { fromAttributes } from '../../../lib/aws/attributes.ts';
import { DynamoGovernor } from '../../../lib/aws/dynamo-governor.ts';
import { NewerVersionError } from '../../../lib/aws/newer-version-error.ts';
import { describeGovernor } from '../../support/contracts/governor.ts';
import { startEmbeddedDynamoDb, type EmbeddedDynamoDb } from '../../support/embedded-dynamodb.ts';
import { permitIn } from '../../support/permit-in.ts';

let dynamoDb: EmbeddedDynamoDb;
beforeAll(async () => {
  dynamoDb = await startEmbeddedDynamoDb();
});
afterAll(() => dynamoDb.stop());

const ask = { now: 1, terms: { published: null, chosen: null }, slot: null };

const adapter = (): DynamoGovernor => new DynamoGovernor(dynamoDb.client, dynamoDb.checkpointsTable);

describeGovernor('DynamoGovernor', adapter);

describe('DynamoGovernor', () => {
  it('tells how a limit stands without changing it', async () => {
    const governor = adapter();
    const terms = { published: 50, chosen: null };
    await permitIn(governor, 'looked-at', { now: 100_000, terms, slot: null });
    await governor.close('looked-at', 130_000);
    const use = await governor.use('looked-at', terms, 101_000);
    expect(use).toEqual({
      calls: 1,
      pace: 40,
      limit: 50,
      saidBy: 'documentation',
      closedUntil: 130_000,
      window: null,
      spans: [],
    });
    expect(await governor.use('looked-at', terms, 101_000)).toEqual(use);
  });

  it('keeps what a newer version added, and refuses to read what that version means', async () => {
    const pk = { S: 'gate#tomorrow' };
    await dynamoDb.client.send(
      new PutItemCommand({
        TableName: dynamoDb.checkpointsTable,
        Item: { pk, v: { N: '2' }, closedUntil: { N: '1000' }, emission: { N: '12' } },
      }),
    );
    await adapter().close('tomorrow', 2000);
    const { Item: item } = await dynamoDb.client.send(
      new GetItemCommand({ TableName: dynamoDb.checkpointsTable, Key: { pk } }),
    );
    expect(item).toEqual({ pk, v: { N: '2' }, closedUntil: { N: '2000' }, emission: { N: '12' } });
    await expect(permitIn(adapter(), 'tomorrow', ask)).rejects.toThrow(NewerVersionError);
  });

  const put = (pk: string, item: Record<string, AttributeValue>): Promise<unknown> =>
    dynamoDb.client.send(
      new PutItemCommand({
        TableName: dynamoDb.checkpointsTable,
        Item: { pk: { S: `gate#${pk}` }, v: { N: '1' }, ...item },
      }),
    );
  const stored = async (pk: string): Promise<Record<string, unknown>> => {
    const key = { pk: { S: `gate#${pk}` } };
    const { Item: item } = await dynamoDb.client.send(
      new GetItemCommand({ TableName: dynamoDb.checkpointsTable, Key: key }),
    );
    return fromAttributes(item ?? {});
  };
  const terms = { published: 60, chosen: null };

  it('understands an item that has only ever been closed, and stays understood by who wrote it', async () => {
    await put('yesterday', { closedUntil: { N: '5000' } });
    const early = await permitIn(adapter(), 'yesterday', { now: 4000, terms, slot: null });
    expect(early).toMatchObject({ granted: false, at: 5000 });
    expect(await permitIn(adapter(), 'yesterday', { now: 5000, terms, slot: 5000 })).toEqual({
      granted: true,
    });
    expect(await stored('yesterday')).toMatchObject({ v: 1, closedUntil: 5000, revision: 2 });
    await permitIn(adapter(), 'new', { now: 4000, terms, slot: null });
    expect(await stored('new')).toMatchObject({ v: 1, closedUntil: 0 });
  });

  const notANumber = [{ S: 'NaN' }, { S: 'Infinity' }, { NULL: true }, { BOOL: true }];
  it.each(notANumber.map((value) => [JSON.stringify(value), value] as const))(
    'takes for unknown what is no number any more, and goes on: %s',
    async (name, bad) => {
      const pk = `damaged-${name}`;
      const number = { N: '1' };
      const times = { closedUntil: bad, planned: bad, lastSlot: bad, spent: bad, grantedAt: bad };
      const window = { id: number, resetAt: bad, remaining: number, seenAt: number, answers: number };
      const span = { ms: { N: '0' }, longestMs: bad, measured: { NULL: true } };
      const parts = { counts: bad, adaptive: bad, limit: { S: 'Infinity' }, window: { M: window } };
      await put(pk, { ...times, ...parts, span: { M: span }, revision: bad });
      expect(await permitIn(adapter(), pk, { now: 4000, terms, slot: null })).toEqual({ granted: true });
      expect(await stored(pk)).toMatchObject({ planned: 5250, limit: null, window: null, revision: 1 });
      await put(pk, times);
      await adapter().close(pk, 9000);
      expect(await stored(pk)).toMatchObject({ closedUntil: 9000 });
    },
  );

  it('does not believe a length of no time that an older version has stored', async () => {
    const measured = { NULL: true };
    await put('no-time', { span: { M: { ms: { N: '1e-7' }, longestMs: { N: '30000' }, measured } } });
    await permitIn(adapter(), 'no-time', { now: 4000, terms, slot: null });
    expect(await stored('no-time')).toMatchObject({ span: { ms: null, longestMs: 0 } });
  });

  it('grants nothing that was closed between its reading and its writing', async () => {
    const client = dynamoDb.newClient();
    let closed = false;
    client.middlewareStack.add(
      (next, context) => async (args) => {
        const result = await next(args);
        const { commandName } = context as { commandName?: string };
        if (commandName === 'GetItemCommand' && !closed) {
          closed = true;
          await adapter().close('raced', 9000);
        }
        return result;
      },
      { step: 'initialize', name: 'closeAfterReading' },
    );
    const governor = new DynamoGovernor(client, dynamoDb.checkpointsTable);
    const permit = await permitIn(governor, 'raced', { now: 1000, terms, slot: null });
    expect(permit).toMatchObject({ granted: false, at: 9000 });
  });

  it('sends a page away without a slot when others are always faster, and drops what it cannot learn', async () => {
    const client = dynamoDb.newClient();
    let reads = 0;
    client.middlewareStack.add(
      (next, context) => async (args) => {
        const result = await next(args);
        const { commandName } = context as { commandName?: string };
        if (commandName === 'GetItemCommand') await adapter().close('crowded', ++reads);
        return result;
      },
      { step: 'initialize', name: 'closeAfterReading' },
    );
    const governor = new DynamoGovernor(client, dynamoDb.checkpointsTable);
    const permit = await permitIn(governor, 'crowded', { now: 5000, terms, slot: 4000 });
    expect(permit).toEqual({ granted: false, at: 6000, slot: 4000, why: 'contended' });
    expect(reads).toBe(20);
    const seen = { at: 5000, refused: true, until: null, limit: null, windowMs: null, window: null };
    await governor.learn('crowded', terms, seen);
    expect(reads).toBe(40);
    expect(await stored('crowded')).toEqual({ pk: 'gate#crowded', v: 1, closedUntil: 40 });
  });

  it('throws when it cannot close or ask', async () => {
    const governor = new DynamoGovernor(dynamoDb.client, 'no-such-table');
    await expect(governor.close('mobaro', 1)).rejects.toThrow(/not found/i);
    await expect(permitIn(governor, 'mobaro', ask)).rejects.toThrow(/not found/i);
  });
});
