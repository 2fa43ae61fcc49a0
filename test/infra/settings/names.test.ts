import { describe, expect, it } from 'vitest';

import { queueIdOf, tableIdOf, topicIdOf } from '../../../infra/settings/names.ts';
import { synthesized } from '../synthesized.ts';

describe('logicalIdOf', () => {
  it('is what the CDK makes of the tables, queues and topics that the command line looks for', () => {
    const { resources } = synthesized({
      connections: { bob: {}, 'mobaro-eu': { connector: 'mobaro' }, mobaroeu: { connector: 'mobaro' } },
    });
    for (const connection of ['bob', 'mobaro-eu', 'mobaroeu']) {
      for (const part of ['Pages', 'DeadLetters'] as const) {
        const id = queueIdOf(connection, part);
        expect(resources[id]?.Type, id).toBe('AWS::SQS::Queue');
      }
    }
    for (const severity of ['page', 'ticket'] as const) {
      expect(resources[topicIdOf(severity)]?.Type).toBe('AWS::SNS::Topic');
    }
    for (const part of ['Checkpoints', 'Records'] as const) {
      expect(resources[tableIdOf(part)]?.Type).toBe('AWS::DynamoDB::Table');
    }
  });
});
