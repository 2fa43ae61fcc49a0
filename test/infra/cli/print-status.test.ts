import { describe, expect, it } from 'vitest';

import { statusText } from '../../../infra/cli/print-status.ts';
import { plain } from '../../../infra/local/screen/colors.ts';
import { streamStatus } from '../../../lib/operations/status.ts';
import { newCheckpoint } from '../../../lib/sync/checkpoint.ts';

const at = Date.parse('2026-11-22T10:00:00Z');

describe('statusText', () => {
  it.each(['', ' --stack Pagekeeper', " --data 'my data'"])(
    'proposes commands for the store that was looked at (%j)',
    (where) => {
      const halt = { outcome: 'missing', at, definition: 'd' } as const;
      const halted = { ...newCheckpoint('mobaro/users'), state: 'halted', outcome: 'missing', halt } as const;
      const text = statusText(
        {
          connections: [{ connection: 'bob', key: 'open', refusedSince: null }],
          streams: [streamStatus('mobaro/users', halted)],
        },
        where,
        at,
        plain,
      );

      expect(text.split('\n').flatMap((line) => /npx .*/.exec(line) ?? [])).toEqual([
        `npx pagekeeper resume bob${where}`,
        `npx pagekeeper resume mobaro/users${where}`,
      ]);
    },
  );

  it('tells why a connection broke in words', () => {
    const reason = 'the connection broke (UND_ERR_SOCKET)';
    const waiting = {
      ...newCheckpoint('mobaro/users'),
      ...({ state: 'running', outcome: 'waiting', retryAt: at + 3000, reason } as const),
    };
    const text = statusText(
      { connections: [], streams: [streamStatus('mobaro/users', waiting)] },
      '',
      at,
      plain,
    );

    expect(text).toContain(`… mobaro/users: waits for its next try, again in 3 s (${reason})`);
  });
});
