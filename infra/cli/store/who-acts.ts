import { userInfo } from 'node:os';

import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SignatureV4 } from '@smithy/signature-v4';

import { DeploymentError } from './deployment-error.ts';
import { UsageError } from '../../terminal/usage-error.ts';

type Variables = Readonly<Record<string, string | undefined>>;

/** Long enough for a slow network, and longer than a person waits at a command. */
const timeoutMs = 10_000;

/**
 * The ARN of whoever the AWS credentials are of, as STS has it: it asks for no permission, so that who may act can be named.
 * The request is written here, because of all of STS this one operation is used, and the SDK has a package of its own for it.
 *
 * @param client whose credentials and region are taken
 * @throws DeploymentError, or an error with the name that AWS gives it
 */
export async function callerArn(client: DynamoDBClient, variables: Variables): Promise<string> {
  const { credentials, region: regionOf, sha256 } = client.config;
  const region = await regionOf();
  const url = await endpointOf(client, region, variables);
  const signer = new SignatureV4({ credentials, region, service: 'sts', sha256 });
  const body = 'Action=GetCallerIdentity&Version=2011-06-15';
  const { headers } = await signer.sign({
    ...{ method: 'POST', protocol: url.protocol, hostname: url.hostname, path: '/', query: {}, body },
    headers: { host: url.host, 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' },
  });
  const { ok, text } = await answerOf(url, headers, body);
  // Names in AWS have no character that XML would escape.
  const arn = /<Arn>(arn:[^<\s]+)<\/Arn>/.exec(text)?.[1];
  if (ok && arn !== undefined) return arn;
  const [, name] = /<Code>(\w+)<\/Code>/.exec(text) ?? [];
  const [, message = 'no reason given'] = /<Message>([^<]*)<\/Message>/.exec(text) ?? [];
  if (name !== undefined) throw Object.assign(new Error(message), { name, $fault: 'client' });
  throw new DeploymentError(
    `${url.host} gave no answer that says who you are, and nothing is done that is not on record: look at your network.`,
  );
}

async function endpointOf(client: DynamoDBClient, region: string, variables: Variables): Promise<URL> {
  const { AWS_ENDPOINT_URL_STS: own, AWS_ENDPOINT_URL: all } = variables;
  // An empty variable names none.
  const chosen = [own, all].find((one) => one !== undefined && one !== '');
  if (chosen !== undefined) {
    if (URL.canParse(chosen)) return new URL(chosen);
    throw new UsageError('AWS_ENDPOINT_URL_STS or AWS_ENDPOINT_URL is no URL.');
  }
  const { useFipsEndpoint, useDualstackEndpoint, endpointProvider } = client.config;
  const of = endpointProvider({
    ...{ Region: region, UseFIPS: await useFipsEndpoint(), UseDualStack: await useDualstackEndpoint() },
  });
  // It knows the domains of all partitions (`amazonaws.com.cn`), in which the two are neighbours.
  return new URL(of.url.href.replace('//dynamodb', '//sts'));
}

async function answerOf(
  url: URL,
  headers: Readonly<Record<string, string>>,
  body: string,
): Promise<{ readonly ok: boolean; readonly text: string }> {
  try {
    const signal = AbortSignal.timeout(timeoutMs);
    const response = await fetch(url, { method: 'POST', headers, body, signal, redirect: 'error' });
    return { ok: response.ok, text: await response.text() };
  } catch (error) {
    const { cause = error } = error as Error;
    const code = (cause as NodeJS.ErrnoException).code ?? (cause as Error).name;
    throw new DeploymentError(
      `AWS could not be asked who you are (${code} of ${url.host}), and nothing is done that is not on record: look at AWS_REGION and at your network.`,
      { cause: error },
    );
  }
}

/** The user of this machine. */
export function userName(): string {
  try {
    return userInfo().username;
  } catch {
    // A container may run as a user that has no name.
    return `uid ${String(process.getuid?.() ?? 'without a name')}`;
  }
}
