import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { rm, stat } from 'node:fs/promises';
import { once } from 'node:events';
import path from 'node:path';

import { DescribeTableCommand, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { describe, expect, it } from 'vitest';

import { DataInUseError, readRunning, writeRunning } from '../../../../infra/emulator/embedded/data-lock.ts';
import { startEmbeddedDynamoDb } from '../../../../infra/emulator/embedded/embedded-dynamodb.ts';
import { newAccessKey } from '../../../../infra/emulator/embedded/guard.ts';
import type { TableModel } from '../../../../infra/emulator/template/template-model.ts';
import { temporaryFolder } from '../../../support/temporary-folder.ts';

const accessKey = newAccessKey();

function table(name: string, key = 'pk'): TableModel {
  return {
    name,
    keySchema: [{ AttributeName: key, KeyType: 'HASH' }],
    attributes: [{ AttributeName: key, AttributeType: 'S' }],
  };
}

describe('the embedded DynamoDB', () => {
  it('keeps what is stored, and makes tables that a later template adds', async () => {
    await using data = await temporaryFolder();
    const first = await startEmbeddedDynamoDb(data.path, [table('one')], accessKey);
    await first.client.send(new PutItemCommand({ TableName: 'one', Item: { pk: { S: 'a' } } }));
    await first.close();

    const second = await startEmbeddedDynamoDb(data.path, [table('one'), table('two')], accessKey);
    const { Item } = await second.client.send(
      new GetItemCommand({ TableName: 'one', Key: { pk: { S: 'a' } } }),
    );
    const { Table } = await second.client.send(new DescribeTableCommand({ TableName: 'two' }));
    await second.close();
    expect(Item).toEqual({ pk: { S: 'a' } });
    expect(Table?.TableStatus).toBe('ACTIVE');
    expect(second.salt).toBe(first.salt);
  });

  it('starts anew where an earlier process died before all tables were there', async () => {
    await using data = await temporaryFolder();
    const whole = await startEmbeddedDynamoDb(data.path, [table('one')], accessKey);
    await whole.client.send(new PutItemCommand({ TableName: 'one', Item: { pk: { S: 'a' } } }));
    await whole.close();
    await rm(path.join(data.path, 'dynamodb', 'pagekeeper.json'));
    const anew = await startEmbeddedDynamoDb(data.path, [table('one')], accessKey);
    const { Item } = await anew.client.send(
      new GetItemCommand({ TableName: 'one', Key: { pk: { S: 'a' } } }),
    );
    await anew.close();
    expect(Item).toBeUndefined();
  });

  it('does not leave it to LevelDB to make its folder, which does so later and for all to read', async () => {
    await using data = await temporaryFolder();
    const database = await startEmbeddedDynamoDb(data.path, [], accessKey);
    const { mode } = await stat(path.join(data.path, 'dynamodb'));
    await database.close();
    expect(mode & 0o777).toBe(0o700);
  });

  it('refuses a table whose key has changed', async () => {
    await using data = await temporaryFolder();
    await (await startEmbeddedDynamoDb(data.path, [table('one')], accessKey)).close();
    await expect(startEmbeddedDynamoDb(data.path, [table('one', 'id')], accessKey)).rejects.toThrow(
      'has another key than the template',
    );
    // And lets go of the data.
    await (await startEmbeddedDynamoDb(data.path, [table('one')], accessKey)).close();
  });

  it('says who else runs on the data', async () => {
    await using data = await temporaryFolder();
    const running = await startEmbeddedDynamoDb(data.path, [table('one')], accessKey);
    expect(await readRunning(data.path)).toEqual({ pid: process.pid, dynamodb: running.endpoint, accessKey });
    const refused = startEmbeddedDynamoDb(data.path, [table('one')], accessKey);
    await expect(refused).rejects.toThrow(DataInUseError);
    await expect(refused).rejects.toThrow(`Another process works on this data (pid ${String(process.pid)})`);
    await running.close();
    expect(existsSync(path.join(data.path, 'running.json'))).toBe(false);
  });

  it('does not take a dead process for a running one', async () => {
    await using data = await temporaryFolder();
    const child = spawn(process.execPath, ['-e', '']);
    await once(child, 'exit');
    await writeRunning(data.path, { pid: child.pid ?? 0, dynamodb: 'http://127.0.0.1:1' });
    expect(await readRunning(data.path)).toBeUndefined();
  });
});
