import { RemovalPolicy } from 'aws-cdk-lib';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import type { Construct } from 'constructs';

import { generatedField, secretFields, type Connector } from '../../lib/connectors/connector.ts';
import { secretPlaceholder } from '../../lib/sync/credentials.ts';
import type { KmsKey } from '../settings/kms-key.ts';
import { acknowledge } from './acknowledge.ts';

export interface ConnectionSecretProps {
  readonly secretName: string;
  readonly connection: string;
  readonly connector: Connector;
  /** It outlives its connection and the stack: what is masked stays comparable only with the key that is in it. */
  readonly isKept: boolean;
  /** Null leaves it to that of Secrets Manager. */
  readonly key: KmsKey | null;
}

/**
 * Where a person puts the vendor's credentials. It starts with placeholders, and as long as one of them is there nothing
 * is called.
 */
export class ConnectionSecret extends Secret {
  constructor(scope: Construct, id: string, props: ConnectionSecretProps) {
    const fields = secretFields(props.connector);
    super(scope, id, {
      secretName: props.secretName,
      description: `${props.connector.title} credentials of ${props.connection}: JSON with ${fields.join(', ')}`,
      ...(props.key !== null && { encryptionKey: Key.fromKeyArn(scope, `${id}KeyThere`, props.key.arn) }),
      // Never change what is generated: CloudFormation would generate anew, over the credentials that are in use.
      generateSecretString: {
        secretStringTemplate: JSON.stringify(
          Object.fromEntries(fields.map((field) => [field, secretPlaceholder])),
        ),
        generateStringKey: generatedField,
      },
      // One of a first deployment that has failed is empty, and would only be in the way of the next one.
      removalPolicy: props.isKept ? RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE : RemovalPolicy.DESTROY,
    });
    acknowledge(
      this,
      'SMG4',
      `${props.connector.title} has no API that rotates credentials; a person does, and the next call uses them.`,
    );
  }
}
