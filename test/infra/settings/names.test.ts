import { describe, expect, it } from 'vitest';

import { queueIdOf, secretIdOf, topicIdOf } from '../../../infra/settings/names.ts';
import { synthesized } from '../synthesized.ts';

describe('logicalIdOf', () => {
  it('is what the CDK makes of the queues, secrets and topics that the command line looks for', () => {
    const { resources } = synthesized({
      connections: { bob: {}, 'mobaro-eu': { connector: 'mobaro' }, mobaroeu: { connector: 'mobaro' } },
    });
    for (const connection of ['bob', 'mobaro-eu', 'mobaroeu']) {
      for (const part of ['Pages', 'DeadLetters'] as const) {
        const id = queueIdOf(connection, part);
        expect(resources[id]?.Type, id).toBe('AWS::SQS::Queue');
      }
      expect(resources[secretIdOf(connection)]?.Type).toBe('AWS::SecretsManager::Secret');
    }
    for (const severity of ['page', 'ticket'] as const) {
      expect(resources[topicIdOf(severity)]?.Type).toBe('AWS::SNS::Topic');
      expect(resources[topicIdOf(severity, 'machines')]?.Type).toBe('AWS::SNS::Topic');
    }
  });
});
