import { createHash, createHmac } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

import { DynamoDBClient, type DynamoDBClientConfig } from '@aws-sdk/client-dynamodb';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';

import { inDeployment } from '../../../../infra/cli/store/deployment-error.ts';
import { callerArn, userName } from '../../../../infra/cli/store/who-acts.ts';
import { startHttpServer, type TestHttpServer } from '../../../support/http-server.ts';
import { callerOfStack, startStackServer, type StackServer } from '../../../support/stack-server.ts';

const { userInfo } = vi.hoisted(() => ({ userInfo: vi.fn() }));
vi.mock('node:os', async (importOriginal) => ({ ...(await importOriginal<object>()), userInfo }));

let sts: TestHttpServer;
let aws: StackServer;
beforeAll(async () => {
  sts = await startHttpServer();
  aws = await startStackServer('Pagekeeper');
});
afterAll(async () => {
  await Promise.all([sts.stop(), aws.stop()]);
});
afterEach(() => vi.unstubAllGlobals());

const credentials = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'made-up', sessionToken: 'made-up-too' };
const clientOf = (config: DynamoDBClientConfig = {}) =>
  new DynamoDBClient({ region: 'eu-west-1', credentials, ...config });

/** As the command meets it. */
const askAt = (origin: string): Promise<string> =>
  inDeployment({}, () => callerArn(clientOf(), { AWS_ENDPOINT_URL_STS: origin }));

const sha256 = (data: string): string => createHash('sha256').update(data).digest('hex');
const hmac = (key: string | Buffer, data: string): Buffer => createHmac('sha256', key).update(data).digest();

/** As AWS computes it (Signature Version 4) from what has come over the wire. */
function signatureOf(headers: IncomingHttpHeaders, body: string): string {
  const [, date = '', region = '', service = '', names = ''] =
    /\/(\d{8})\/([\w-]+)\/(\w+)\/aws4_request, SignedHeaders=([^,]+)/.exec(headers.authorization ?? '') ?? [];
  const signed = names.split(';').map((name) => `${name}:${String(headers[name]).trim()}\n`);
  const request = ['POST', '/', '', signed.join(''), names, sha256(body)].join('\n');
  const scope = `${date}/${region}/${service}/aws4_request`;
  const toSign = ['AWS4-HMAC-SHA256', headers['x-amz-date'], scope, sha256(request)].join('\n');
  const key = [date, region, service, 'aws4_request'].reduce<string | Buffer>(hmac, 'AWS4made-up');
  return hmac(key, toSign).toString('hex');
}

function answers(status: number, body: string): void {
  sts.handle((_, response) => {
    response.writeHead(status, { 'content-type': 'text/xml' }).end(body);
  });
}

describe('who acts in AWS', () => {
  it('is the caller, as STS says for signed credentials', async () => {
    expect(await askAt(aws.origin)).toBe(callerOfStack);

    let seen = '';
    let signature = '';
    sts.handle(({ headers, body, method }, response) => {
      signature = signatureOf(headers, body);
      seen = [method, headers['authorization'], headers['x-amz-security-token'], headers.host, body].join(
        '\n',
      );
      response.end('<Arn>arn:aws-cn:iam::1:user/a=b,c@d.e+f_g</Arn>');
    });
    expect(await askAt(sts.origin)).toBe('arn:aws-cn:iam::1:user/a=b,c@d.e+f_g');
    expect(seen.split('\n')).toEqual([
      'POST',
      expect.stringMatching(
        /^AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE\/\d{8}\/eu-west-1\/sts\/aws4_request, SignedHeaders=\S*host;\S+, Signature=[0-9a-f]{64}$/,
      ),
      'made-up-too',
      new URL(sts.origin).host,
      'Action=GetCallerIdentity&Version=2011-06-15',
    ]);
    expect(seen).toContain(`Signature=${signature}`);
  });

  it.each([
    [{}, 'https://sts.eu-west-1.amazonaws.com/'],
    [{ region: 'cn-north-1' }, 'https://sts.cn-north-1.amazonaws.com.cn/'],
    [{ region: 'us-gov-west-1' }, 'https://sts.us-gov-west-1.amazonaws.com/'],
    [{ region: 'us-east-1', useFipsEndpoint: true }, 'https://sts-fips.us-east-1.amazonaws.com/'],
  ])('is asked of the region and partition: %j', async (config, url) => {
    const asked = vi.fn<(url: URL) => Promise<Response>>();
    asked.mockResolvedValue(new Response('<Arn>arn:aws:iam::1:root</Arn>'));
    vi.stubGlobal('fetch', asked);
    expect(await callerArn(clientOf(config), {})).toBe('arn:aws:iam::1:root');
    expect(asked.mock.calls.map(([of]) => of.href)).toEqual([url]);
  });

  it.each([
    [
      403,
      '<ErrorResponse><Error><Code>InvalidClientTokenId</Code><Message>The security token is invalid.</Message></Error></ErrorResponse>',
      /^AWS does not know these credentials/,
    ],
    [
      403,
      '<ErrorResponse><Error><Code>SignatureDoesNotMatch</Code><Message>Signature expired: 2026</Message></Error></ErrorResponse>',
      /set the clock of this machine/,
    ],
    [
      500,
      '<ErrorResponse><Error><Code>Odd</Code></Error></ErrorResponse>',
      /^AWS answered with Odd: no reason given\.$/,
    ],
    [200, '<html>Sign in to the network</html>', /gave no answer that says who you are, and nothing is done/],
    [502, '<Arn>arn:aws:iam::1:user/a</Arn>', /gave no answer that says who you are/],
  ])('is told in one sentence where it cannot be known: %i %s', async (status, body, sentence) => {
    answers(status, body);
    const error = await askAt(sts.origin).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ name: 'DeploymentError', message: expect.stringMatching(sentence) });
  });

  it('is not believed to somebody to whom the answer is redirected', async () => {
    sts.handle((_, response) => response.writeHead(307, { location: aws.origin }).end());
    await expect(askAt(sts.origin)).rejects.toThrow(/^AWS could not be asked who you are/);
  });
});

describe('who acts on this machine', () => {
  it('is its user, or the number of one without a name', () => {
    userInfo.mockReturnValueOnce({ username: 'ada' });
    expect(userName()).toBe('ada');
    userInfo.mockImplementationOnce(() => {
      throw new Error('ENOENT');
    });
    expect(userName()).toBe(`uid ${String(process.getuid?.())}`);
  });
});
