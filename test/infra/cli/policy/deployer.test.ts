import { execFile } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { bootstrapRoles, qualifierOf } from '../../../../infra/cli/policy/bootstrap-roles.ts';
import { projectRoot } from '../../../../infra/settings/project.ts';
import { startHttpServer, type SeenRequest, type TestHttpServer } from '../../../support/http-server.ts';
import { synthesized } from '../../synthesized.ts';

/** What the CDK really sends with the credentials of a person, and what it sends with those of the roles that it takes on. */

const place = { partition: 'aws', region: 'eu-west-1', account: '123456789012' };

interface Call {
  readonly by: string;
  readonly action: string;
  readonly role: string | null;
}

let folder: string;
let server: TestHttpServer;
const calls: Call[] = [];

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'pagekeeper-test-'));
  await cp(synthesized().app.synth().directory, path.join(folder, 'assembly'), { recursive: true });
  // The code of the functions is not bundled here, and any file stands for it.
  const assets = path.join(folder, 'assembly', 'Pagekeeper.assets.json');
  const { files, ...rest } = JSON.parse(await readFile(assets, 'utf8')) as { files: Record<string, object> };
  const small = Object.entries(files).map(([id, file]) => {
    const source = { path: 'manifest.json', packaging: 'file' };
    return [id, { ...file, source }];
  });
  await writeFile(assets, JSON.stringify({ ...rest, files: Object.fromEntries(small) as unknown }));
  server = await startHttpServer((request, response) => {
    const call = callOf(request);
    calls.push(call);
    const { status, text } = answerTo(call, request);
    response.writeHead(status, { 'content-type': 'text/xml', etag: '"x"' }).end(text);
  });
});

afterAll(async () => {
  await server.stop();
  await rm(folder, { recursive: true });
});

function callOf({ method, headers, body }: SeenRequest): Call {
  const [, by = '', service = ''] =
    /Credential=([^/]+)\/\d+\/[^/]+\/([^/]+)\//.exec(headers.authorization ?? '') ?? [];
  const query = new URLSearchParams(body);
  const target = headers['x-amz-target'];
  const operation = typeof target === 'string' ? target.split('.').at(-1) : (query.get('Action') ?? method);
  return { by, action: `${service}:${operation ?? ''}`, role: query.get('RoleArn') };
}

/** As far as a role has been taken on for everything: what follows fails. */
function answerTo(
  { action, role }: Call,
  { url }: SeenRequest,
): { readonly status: number; readonly text: string } {
  const ok = (text: string) => ({ status: 200, text });
  switch (action) {
    case 'sts:GetCallerIdentity':
      return ok(
        `<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws:iam::${place.account}:user/x</Arn><UserId>x</UserId><Account>${place.account}</Account></GetCallerIdentityResult></GetCallerIdentityResponse>`,
      );
    case 'sts:AssumeRole': {
      const key = `BY-${role?.split('/').at(-1) ?? ''}`;
      const credentials = `<AccessKeyId>${key}</AccessKeyId><SecretAccessKey>x</SecretAccessKey><SessionToken>x</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration>`;
      return ok(
        `<AssumeRoleResponse><AssumeRoleResult><Credentials>${credentials}</Credentials></AssumeRoleResult></AssumeRoleResponse>`,
      );
    }
    case 's3:GET':
      return ok(
        url.includes('location')
          ? '<LocationConstraint>eu-west-1</LocationConstraint>'
          : '<ListBucketResult/>',
      );
    default:
      return {
        status: 400,
        text: '<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>No further</Message></Error></ErrorResponse>',
      };
  }
}

function cdk(...args: readonly string[]): Promise<string> {
  const env = {
    PATH: `${path.join(projectRoot, 'node_modules', '.bin')}${path.delimiter}${process.env['PATH'] ?? ''}`,
    ...{ HOME: folder, CI: '1', AWS_EC2_METADATA_DISABLED: 'true', AWS_MAX_ATTEMPTS: '1' },
    ...{ AWS_ACCESS_KEY_ID: 'PERSON', AWS_SECRET_ACCESS_KEY: 'made-up', AWS_REGION: place.region },
    AWS_ENDPOINT_URL: server.origin,
  };
  return new Promise((resolve) => {
    const all = [...args, '--app', path.join(folder, 'assembly')];
    execFile('cdk', all, { cwd: folder, env }, (_, stdout, stderr) => resolve(stdout + stderr));
  });
}

describe('cdk diff and cdk deploy', () => {
  it('need of a person that three roles may be assumed, and nothing else', async () => {
    await cdk('diff');
    await cdk('deploy', '--require-approval', 'never');

    const byPerson = calls.filter(({ by }) => by === 'PERSON');
    // Whoever asks who he is needs no permission.
    const asked = byPerson.filter(({ action }) => action !== 'sts:GetCallerIdentity');
    const { Action, Resource } = bootstrapRoles(place, qualifierOf({}));
    expect([...new Set(asked.map(({ action }) => action))]).toEqual(Action);
    expect([...new Set(asked.map(({ role }) => role))].toSorted()).toEqual([...Resource].toSorted());
    // They have come far enough for that to be all.
    const byRoles = new Set(calls.filter(({ by }) => by !== 'PERSON').map(({ action }) => action));
    expect([...byRoles]).toEqual(
      expect.arrayContaining(['cloudformation:DescribeStacks', 's3:GET', 'ssm:GetParameter']),
    );
  });
});

describe('the qualifier of the bootstrap', () => {
  it('is the CDK’s own, or what cdk.json says', () => {
    expect(qualifierOf({})).toBe('hnb659fds');
    expect(
      bootstrapRoles(place, qualifierOf({ '@aws-cdk/core:bootstrapQualifier': 'ours' })).Resource[0],
    ).toBe('arn:aws:iam::123456789012:role/cdk-ours-deploy-role-123456789012-eu-west-1');
  });
});
