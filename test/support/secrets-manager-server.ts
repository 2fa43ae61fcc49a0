import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';

import { clientConfig } from '../../lib/aws/clients.ts';
import { embeddedCredentials } from './embedded-credentials.ts';
import { startHttpServer } from './http-server.ts';

export interface SecretsManagerServer {
  /** `http://127.0.0.1:PORT`. */
  readonly origin: string;
  readonly client: SecretsManagerClient;
  /** Stores a new current version. Undefined: the secret stays without a value. */
  store(secretId: string, text: string | undefined): void;
  /** The operations asked for, such as `GetSecretValue`. */
  readonly operations: string[];
  stop(): Promise<void>;
}

interface Stored {
  readonly versions: readonly { readonly id: string; readonly text: string }[];
}

/** The two operations of Secrets Manager that are used here, in its own protocol over HTTP. */
export async function startSecretsManagerServer(): Promise<SecretsManagerServer> {
  const secrets = new Map<string, Stored>();
  const operations: string[] = [];
  const server = await startHttpServer(({ headers, body }, response) => {
    const operation = String(headers['x-amz-target']).replace('secretsmanager.', '');
    operations.push(operation);
    const { SecretId: secretId } = JSON.parse(body) as { SecretId: string };
    const versions = secrets.get(secretId)?.versions;
    const current = versions?.at(-1);
    const answer = (status: number, value: object): void => {
      response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' }).end(JSON.stringify(value));
    };
    if (versions === undefined || (operation === 'GetSecretValue' && current === undefined)) {
      answer(400, { __type: 'ResourceNotFoundException', Message: "Secrets Manager can't find the secret" });
    } else if (operation === 'GetSecretValue') {
      answer(200, { Name: secretId, VersionId: current?.id, SecretString: current?.text });
    } else {
      const stages = versions.map(({ id }, index) => {
        const age = versions.length - 1 - index;
        return [id, age === 0 ? ['AWSCURRENT'] : age === 1 ? ['AWSPREVIOUS'] : []] as const;
      });
      answer(200, { Name: secretId, VersionIdsToStages: Object.fromEntries(stages) });
    }
  });
  const client = new SecretsManagerClient({
    ...clientConfig,
    ...embeddedCredentials,
    endpoint: server.origin,
  });
  return {
    origin: server.origin,
    client,
    operations,
    store(secretId, text) {
      const versions = secrets.get(secretId)?.versions ?? [];
      const added = text === undefined ? [] : [{ id: `version-${versions.length + 1}`, text }];
      secrets.set(secretId, { versions: [...versions, ...added] });
    },
    async stop() {
      client.destroy();
      await server.stop();
    },
  };
}
