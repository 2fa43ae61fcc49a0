import { describe, expect, it } from 'vitest';

import { pagekeeper } from '../../../infra/cli/program.ts';
import { mustChoose, mustKnowConnection, mustKnowStream } from '../../../infra/cli/store/targets.ts';
import { UsageError } from '../../../infra/terminal/usage-error.ts';

const secret = 'kX+Secret/77=';

async function errorOf(...argv: readonly string[]): Promise<unknown> {
  return pagekeeper(argv, process.stdout, {}, null).catch((error: unknown) => error);
}

describe('a secret that was typed for pagekeeper', () => {
  it.each([
    ['a command', [secret]],
    ['an argument too many', ['status', secret]],
    ['several', ['resume', 'bob', secret, 'more']],
    ['an option', ['status', `--${secret}`]],
    ['the value of an unknown option', ['status', `--key=${secret}`]],
    ['the value of an unknown option with a quote', ['status', `--key=' ${secret}`]],
    ['behind an unknown option', ['records', 'mobaro/users', '--csv', secret]],
    ['an option before the command', [`--${secret}`, 'status']],
    ['one of a few choices', ['records', 'mobaro/users', '--format', secret]],
    ['a number', ['reset', 'mobaro/users', '--position', secret]],
    ['a reason', ['pause', 'mobaro', '--why', `${secret}\n`.repeat(2)]],
    ['a time', ['audit', '--since', secret]],
    ['a stack', ['status', '--stack', secret]],
    ['the name of a part', ['secret', secret]],
    ['an argument of secret set', ['secret', 'set', 'mobaro', secret, '--stack', 'Pagekeeper']],
    ['an id', ['forget', 'mobaro/users', secret, 'more']],
    ['a base URL', ['check', '--base-url', secret]],
    ['a user of a URL', ['check', '--base-url', `mobaro=https://me:${secret}@vendor.example`]],
    ['a role', ['policy', secret, '--stack', 'Pagekeeper']],
    ['an account', ['policy', 'deployer', '--account', secret]],
    ['a region', ['policy', 'deployer', '--account', '123456789012', '--region', secret]],
    ['a file of keys', ['check', '--keys-from', secret]],
  ])('is not repeated: %s', async (_, argv) => {
    const error = await errorOf(...argv);
    expect(error).toBeInstanceOf(UsageError);
    expect((error as Error).message).not.toContain('Secret');
  });

  it('is not repeated where the name of an unknown option is', async () => {
    for (const argv of [['--csv', secret], [`--csv=${secret}`]])
      expect(await errorOf('records', 'mobaro/users', ...argv)).toEqual(
        new UsageError(
          'There is an unknown option --csv. npx pagekeeper records --help shows what is allowed.',
        ),
      );
  });

  it('is not repeated where a stream or connection is meant, and what is near is proposed', () => {
    const known = { streams: ['mobaro/users', 'bob/people'] };
    expect(() => {
      mustKnowStream(known, secret, 'explain');
    }).toThrow(new UsageError('There is no such stream; known are mobaro/users, bob/people.'));
    expect(() => {
      mustKnowStream(known, 'mobaro/user', 'explain');
    }).toThrow('There is no such stream (did you mean mobaro/users?); known');
    expect(() => {
      mustKnowConnection(known, 'kXSecret', 'mute');
    }).toThrow('There is no such connection; known are mobaro, bob, and');
    expect(() => {
      mustKnowConnection(known, `mobaro/${secret}`, 'mute');
    }).toThrow(new UsageError('mute takes a connection: mobaro.'));
    expect(() => {
      mustChoose('pause', secret, true);
    }).toThrow(new UsageError('pause takes a stream or connection, or --all, not both.'));
  });
});
