import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { CreateTableCommand } from '@aws-sdk/client-dynamodb';

import { DynamoBreakers } from '../../../lib/aws/dynamo-breakers.ts';
import { newBreaker } from '../../../lib/sync/breaker.ts';
import { startEmbeddedDynamoDb, type EmbeddedDynamoDb } from '../../support/embedded-dynamodb.ts';
import { projectWith } from '../../support/start-command.ts';
import { startHttpServer, type TestHttpServer } from '../../support/http-server.ts';
import { startStackServer, type StackServer } from '../../support/stack-server.ts';
import { runScript } from '../run-script.ts';

let home: string;
let embedded: EmbeddedDynamoDb;
let aws: TestHttpServer;
let stackServer: StackServer;

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'pagekeeper-test-'));
  embedded = await startEmbeddedDynamoDb();
  aws = await startHttpServer();
  stackServer = await startStackServer('Pagekeeper-dev');
});
afterAll(async () => {
  await embedded.stop();
  await aws.stop();
  await stackServer.stop();
  await rm(home, { recursive: true });
});

const region = { AWS_REGION: 'eu-west-1' };
const credentials = { AWS_ACCESS_KEY_ID: 'made-up', AWS_SECRET_ACCESS_KEY: 'made-up' };

/** In a shell with these variables, and on a machine that has no other AWS settings. */
function cli(args: readonly string[], variables: Readonly<Record<string, string>>) {
  const none = { HOME: home, AWS_EC2_METADATA_DISABLED: 'true', AWS_MAX_ATTEMPTS: '1' };
  return runScript('cli', [...args, '--stack', 'Pagekeeper-dev'], { ...none, ...variables });
}

/** As CloudFormation says no, and DynamoDB. */
function refuse(name: string, message: string): void {
  aws.handle((request, response) => {
    if (request.headers['x-amz-target'] === undefined) {
      const error = `<Type>Sender</Type><Code>${name}</Code><Message>${message}</Message>`;
      response
        .writeHead(400, { 'content-type': 'text/xml' })
        .end(`<ErrorResponse><Error>${error}</Error></ErrorResponse>`);
      return;
    }
    const type = `com.amazonaws.dynamodb.v20120810#${name}`;
    response
      .writeHead(400, { 'content-type': 'application/x-amz-json-1.0' })
      .end(JSON.stringify({ __type: type, message }));
  });
}

describe('pagekeeper --stack, where AWS cannot be asked', () => {
  it.each([['status'], ['resume', 'mobaro'], ['records', 'mobaro/users']])(
    'names the variables that are missing: %s',
    async (...args) => {
      expect(await cli(args, credentials)).toEqual({
        status: 1,
        stdout: '',
        stderr:
          'No AWS region is set: set AWS_REGION, such as eu-west-1, or AWS_PROFILE to a profile that has one.\n',
      });
      expect(await cli(args, region)).toEqual({
        status: 1,
        stdout: '',
        stderr:
          'No AWS credentials were found: set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.\n',
      });
    },
  );

  it('says which profile there is none of', async () => {
    const { status, stderr } = await cli(['status'], { ...region, AWS_PROFILE: 'nobody' });

    expect(status).toBe(1);
    expect(stderr).toMatch(/^No AWS credentials were found for that profile: set AWS_PROFILE, or /);
  });

  it('says that a region is none', async () => {
    expect(await cli(['status'], { ...credentials, AWS_REGION: 'no region' })).toMatchObject({
      status: 1,
      stderr: 'AWS_REGION is not the name of a region; it takes one such as eu-west-1.\n',
    });
  });

  it('says that nobody listens', async () => {
    const gone = await startHttpServer();
    await gone.stop();

    expect(await cli(['status'], { ...region, ...credentials, AWS_ENDPOINT_URL: gone.origin })).toMatchObject(
      {
        status: 1,
        stderr: 'AWS could not be asked (ECONNREFUSED): look at AWS_REGION and at your network.\n',
      },
    );
  });
});

describe('pagekeeper --stack, where AWS refuses', () => {
  it.each([
    [
      'AccessDenied',
      'User: arn:aws:iam::1:user/x is not authorized to perform: cloudformation:ListStackResources',
      /^These AWS credentials may not do this \(User: .*:ListStackResources\): set AWS_PROFILE, .*\.\n$/,
    ],
    ['ExpiredToken', 'The security token included in the request is expired', /have expired: sign/],
    ['InvalidClientTokenId', 'The security token included in the request is invalid.', /not know/],
    ['SignatureDoesNotMatch', 'Signature expired: 20261122T1 is now earlier than', /set the clock/],
    ['SignatureDoesNotMatch', 'The request signature we calculated does not match', /secret access key/],
    ['InternalFailure', 'The server\nfailed.', /^AWS answered with InternalFailure: The server failed\.\n$/],
  ])('tells %s of CloudFormation (%s) in one sentence', async (name, message, sentence) => {
    refuse(name, message);
    const { status, stdout, stderr } = await cli(['status'], {
      ...{ ...region, ...credentials, AWS_ENDPOINT_URL: aws.origin },
    });

    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr).toMatch(sentence);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
  });

  it.each([
    [
      'AccessDeniedException',
      'User: arn:aws:iam::1:user/x is not authorized to perform: dynamodb:GetItem',
      /^These AWS credentials may not do this \(User: .* dynamodb:GetItem\): set AWS_PROFILE, .*\.\n$/,
    ],
    ['ExpiredTokenException', 'The security token included in the request is expired', /have expired: sign/],
    ['UnrecognizedClientException', 'The security token included in the request is invalid.', /not know/],
    ['InvalidSignatureException', 'Signature expired: 20261122T1 is now earlier than', /set the clock/],
    ['InvalidSignatureException', 'The request signature we calculated does not match', /secret access key/],
    [
      'InternalServerError',
      'The server\nfailed.',
      /^AWS answered with InternalServerError: The server failed\.\n$/,
    ],
  ])('tells %s of DynamoDB (%s) in one sentence', async (name, message, sentence) => {
    refuse(name, message);
    const { status, stdout, stderr } = await cli(['status'], {
      ...region,
      ...credentials,
      ...{ PAGEKEEPER_CHECKPOINTS_TABLE: 'c', PAGEKEEPER_RECORDS_TABLE: 'r' },
      AWS_ENDPOINT_URL: aws.origin,
    });

    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr).toMatch(sentence);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
  });
});

describe('pagekeeper --stack', () => {
  const there = () => ({
    ...{ ...region, ...credentials, AWS_ENDPOINT_URL_DYNAMODB: embedded.endpoint },
    AWS_ENDPOINT_URL_CLOUDFORMATION: stackServer.origin,
  });

  it('says where there is no such stack', async () => {
    expect(await runScript('cli', ['status', '--stack', 'Elsewhere'], { HOME: home, ...there() })).toEqual({
      status: 2,
      stdout: '',
      stderr:
        "--stack: there is no such stack in this account in eu-west-1; look at --profile and --region, and for the stack's name in the output of cdk deploy.\n",
    });
  });

  it('says that a table which a variable names is not there', async () => {
    const named = { PAGEKEEPER_CHECKPOINTS_TABLE: 'nowhere', PAGEKEEPER_RECORDS_TABLE: 'nowhere' };

    expect(await cli(['status'], { ...there(), ...named })).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('look at tables in cdk.json, PAGEKEEPER_CHECKPOINTS_TABLE') as string,
    });
  });

  it('goes by what was deployed, from any working directory and whatever the project at hand has', async () => {
    const project = await projectWith({});
    const named = {
      PAGEKEEPER_CHECKPOINTS_TABLE: embedded.checkpointsTable,
      PAGEKEEPER_RECORDS_TABLE: embedded.recordsTable,
    };
    const connections = { 'mobaro-north': { connector: 'mobaro', streams: { users: {} } } };
    stackServer.metadata.set('Pagekeeper', { connections });
    try {
      await writeFile(join(project.path, 'cdk.json'), 'not JSON');
      const args = ['status', '--json', '--stack', 'Pagekeeper-dev'];
      const variables = { HOME: home, ...there(), ...named };
      const { status, stdout, stderr } = await runScript('cli', args, variables, {
        project: project.path,
        cwd: home,
      });
      expect([status, stderr]).toEqual([0, '']);
      expect(JSON.parse(stdout)).toMatchObject({ streams: [{ stream: 'mobaro-north/users' }] });
    } finally {
      stackServer.metadata.clear();
      await project.remove();
    }
  });

  it('proposes commands for the same stack', async () => {
    const name = 'Pagekeeper-dev-TablesCheckpoints1A2B3C4D-AAA';
    stackServer.outputs.set('CheckpointsTableName', name);
    stackServer.outputs.set('RecordsTableName', embedded.recordsTable);
    await embedded.client.send(
      new CreateTableCommand({
        TableName: name,
        BillingMode: 'PAY_PER_REQUEST',
        AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
        KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
      }),
    );
    await new DynamoBreakers(embedded.client, name).replace({
      ...newBreaker('bob'),
      state: 'open',
      secretVersion: 'v1',
      openedAt: Date.parse('2026-11-22T10:00:00Z'),
    });
    const { status, stdout } = await cli(['status'], there());

    expect(status).toBe(0);
    expect(stdout).toMatch(/\n {4}npx pagekeeper fix bob --stack Pagekeeper-dev\n$/);
  });
});
