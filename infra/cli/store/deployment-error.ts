/** AWS could not be asked, or did not answer as hoped: told in one sentence, exit status 1. */
export class DeploymentError extends Error {
  override readonly name = 'DeploymentError';
}

type Variables = Readonly<Record<string, string | undefined>>;

/** Runs what asks AWS. @throws DeploymentError where AWS or its settings are the cause; all else as it was thrown */
export async function inDeployment<T>(variables: Variables, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    const sentence = sentenceOf(error, variables);
    throw sentence === null ? error : new DeploymentError(sentence, { cause: error });
  }
}

const otherCredentials = 'set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY';

/** By the name of the error, as DynamoDB and the SDK's providers give it. */
const byName: Readonly<Record<string, (message: string, variables: Variables) => string>> = {
  CredentialsProviderError: noCredentials,
  TokenProviderError: noCredentials,
  ExpiredTokenException: expired,
  ExpiredToken: expired,
  RequestExpired: () => 'AWS takes the request for an old one: set the clock of this machine.',
  UnrecognizedClientException: unknownKey,
  InvalidClientTokenId: unknownKey,
  InvalidSignatureException: badSignature,
  // As CloudFormation has it.
  SignatureDoesNotMatch: badSignature,
  AccessDeniedException: mayNot,
  // As SQS and CloudFormation, and as SNS has it.
  AccessDenied: mayNot,
  AuthorizationErrorException: mayNot,
  ResourceNotFoundException: () =>
    'One of the tables is not there: look at tables in cdk.json, PAGEKEEPER_CHECKPOINTS_TABLE, PAGEKEEPER_RECORDS_TABLE and AWS_REGION.',
};

/** @returns null if it is no matter of AWS. */
export function sentenceOf(error: unknown, variables: Variables): string | null {
  if (!(error instanceof Error)) return null;
  const { name, message } = error;
  // The SDK gives these two no name of their own.
  if (message === 'Region is missing') {
    return 'No AWS region is set: set AWS_REGION, such as eu-west-1, or AWS_PROFILE to a profile that has one.';
  }
  if (/^(Region not accepted|Invalid region)/.test(message)) {
    return 'AWS_REGION is not the name of a region; it takes one such as eu-west-1.';
  }
  const known = byName[name];
  if (known !== undefined) return known(message, variables);
  if ('$fault' in error) return `AWS answered with ${name}: ${clean(message)}.`;
  // What never got an answer: no such host, no network, a proxy with a certificate of its own.
  if ('$metadata' in error) {
    const code = 'code' in error && typeof error.code === 'string' ? error.code : name;
    return `AWS could not be asked (${code}): look at AWS_REGION and at your network.`;
  }
  return null;
}

function noCredentials(message: string, variables: Variables): string {
  const profile = variables['AWS_PROFILE'] ?? '';
  const where = profile === '' ? '' : ' for that profile';
  // The SDK has said already what to do.
  if (message.includes('aws sso login')) return `No AWS credentials could be had${where}: ${clean(message)}.`;
  // The SDK's word when it has looked everywhere in vain; any other message says what went wrong where.
  return message.includes('from any providers')
    ? `No AWS credentials were found${where}: ${otherCredentials}.`
    : `No AWS credentials could be had${where} (${clean(message)}): ${otherCredentials}.`;
}

/** The same error has two causes, and only its message tells them apart. */
function badSignature(message: string): string {
  return message.startsWith('Signature expired') || message.startsWith('Signature not yet current')
    ? 'AWS takes the request for an old one: set the clock of this machine.'
    : `AWS does not accept the secret access key: ${otherCredentials} anew.`;
}

function expired(): string {
  return 'The AWS credentials have expired: sign in again (aws sso login), or set AWS_PROFILE or AWS_SESSION_TOKEN anew.';
}

function mayNot(message: string): string {
  return `These AWS credentials may not do this (${clean(message)}): ${otherCredentials} that may.`;
}

function unknownKey(): string {
  return `AWS does not know these credentials: ${otherCredentials} anew, and AWS_SESSION_TOKEN where they are temporary.`;
}

/** To stand inside a sentence. */
function clean(message: string): string {
  return message.replaceAll(/\s+/g, ' ').trim().replace(/\.$/, '');
}
