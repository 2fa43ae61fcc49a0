import { RemovalPolicy } from 'aws-cdk-lib';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import type { Construct } from 'constructs';

import type { ConnectionSecretProps } from './connection-secret.ts';
import { acknowledge } from './acknowledge.ts';

/**
 * Where the functions keep the access and refresh tokens that a vendor grants them, version by version. Not the secret that a
 * person fills in: a token that is renewed is no new credentials, and neither the breaker nor the trust in deletions sees it.
 * What is generated with it holds no tokens.
 */
export class TokensSecret extends Secret {
  constructor(scope: Construct, id: string, props: ConnectionSecretProps) {
    const { secretName, connection, connector, key, isKept } = props;
    super(scope, id, {
      secretName,
      description: `${connector.title} access tokens of ${connection}: the functions renew them, nobody else`,
      ...(key !== null && { encryptionKey: Key.fromKeyArn(scope, `${id}KeyThere`, key.arn) }),
      // The last refresh token may be the only one that the vendor still takes.
      removalPolicy: isKept ? RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE : RemovalPolicy.DESTROY,
    });
    acknowledge(this, 'SMG4', 'The functions renew the tokens themselves, whenever they expire.');
  }
}
