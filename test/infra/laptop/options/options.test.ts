import { describe, expect, it } from 'vitest';

import { parseStartOptions, type StartOptions } from '../../../../infra/laptop/options/options.ts';
import { UsageError } from '../../../../infra/terminal/usage-error.ts';

function optionsOf(...argv: readonly string[]): StartOptions {
  const parsed = parseStartOptions(argv, '1.2.3');
  if (parsed.kind !== 'run') throw new Error('not to be run');
  return parsed.options;
}

describe('parseStartOptions', () => {
  it('runs everything from simulators when nothing is said', () => {
    expect(optionsOf()).toEqual({
      connections: [],
      streams: [],
      baseUrls: new Map(),
      data: null,
      keysFrom: null,
      fresh: false,
      json: false,
      timeoutSeconds: 900,
      watch: null,
    });
  });

  it('goes on with --watch, at the usual port or another one', () => {
    expect(optionsOf('--watch').watch).toEqual({ port: 'default' });
    expect(optionsOf('--watch', '--port', '0').watch).toEqual({ port: 0 });
    expect(optionsOf('--watch', '--port', '65535').watch).toEqual({ port: 65_535 });
  });

  it.each([
    [['--port', '1'], '--port is for the page of --watch; add --watch.'],
    [['--watch', '--timeout', '9'], '--timeout: with --watch there is none; it goes on until Ctrl-C.'],
    [['--watch', '--port', '65536'], '--port takes a number from 0 to 65535.'],
    [['--watch', '--port', 'x'], '--port takes a number from 0 to 65535.'],
  ])('refuses %j', (argv, message) => {
    expect(() => optionsOf(...argv)).toThrow(new UsageError(message));
  });

  it('reads every option, and the ones that may be repeated as often as they are given', () => {
    const options = optionsOf(
      ...[
        '--connection',
        'mobaro',
        '--connection',
        'mobaro',
        '--stream',
        'bob/people',
        '--stream',
        'bob/employment',
      ],
      ...['--base-url', 'mobaro=live', '--base-url', 'bob=http://127.0.0.1:9001/v1/'],
      ...['--keys-from', 'keys.json', '--data', 'here', '--fresh', '--json', '--timeout', '1.5'],
    );

    expect(options).toEqual({
      connections: ['mobaro'],
      streams: ['bob/people', 'bob/employment'],
      baseUrls: new Map([
        ['mobaro', 'live'],
        ['bob', 'http://127.0.0.1:9001/v1'],
      ]),
      data: 'here',
      keysFrom: 'keys.json',
      fresh: true,
      json: true,
      timeoutSeconds: 1.5,
      watch: null,
    });
  });

  it.each(['https://vendor.example/api', 'http://localhost:1/x', 'http://[::1]:1'])(
    'takes %s for a base URL',
    (url) => {
      expect(optionsOf('--base-url', `mobaro=${url}`).baseUrls.get('mobaro')).toBe(url);
    },
  );

  it.each([
    [['--nonsense'], 'There is an unknown option --nonsense. npm start -- --help shows what is allowed.'],
    [
      ['--fres'],
      'There is an unknown option --fres (Did you mean --fresh?). npm start -- --help shows what is allowed.',
    ],
    [['--api-key', 'k'], /^There is an unknown option --api-key\. npm/],
    [['--csv=yes'], /^There is an unknown option --csv\. npm/],
    [['surplus'], 'There is 1 argument too many. npm start -- --help shows what is allowed.'],
    [['a', 'b, c'], 'There are 2 arguments too many. npm start -- --help shows what is allowed.'],
    [['--stream'], "Option '--stream <name>' argument missing. npm start -- --help shows what is allowed."],
    [['--stream', 'users'], '--stream takes connection/stream, such as mobaro/users.'],
    [['--connection', 'mobaro/users'], '--connection takes the name of a connection, such as mobaro.'],
    [['--timeout', 'soon'], '--timeout takes a number of seconds above 0 and up to 86400.'],
    [['--timeout', '0'], '--timeout takes a number of seconds above 0 and up to 86400.'],
    [['--timeout', '1e3'], '--timeout takes a number of seconds above 0 and up to 86400.'],
    [['--data', ''], '--data takes the name of a folder, and was given nothing.'],
    [['--keys-from', ''], /^--keys-from takes the name of a file, or - for standard input/],
    [
      ['--base-url', 'mobaro'],
      /^--base-url: what was given is not CONNECTION=URL; it takes .*mobaro=live\.$/,
    ],
    [['--base-url', '=https://a.example'], /is not CONNECTION=URL/],
    [['--base-url', 'mobaro='], /is not an http or https URL/],
    [['--base-url', 'mobaro=ftp://localhost/x'], /is not an http or https URL/],
    [['--base-url', 'mobaro=http://vendor.example'], /is not safe: http: is for this machine only/],
    [['--base-url', 'mobaro=http://127.0.0.1.vendor.example'], /is not safe/],
    [['--base-url', 'mobaro=https://vendor.example/?a=b'], /goes on behind its path/],
    [
      ['--base-url', 'm=live', '--base-url', 'm=live'],
      '--base-url names a connection twice; it takes one URL for each.',
    ],
  ])('refuses %j in one sentence', (argv, message) => {
    const parse = (): unknown => parseStartOptions(argv, '1.2.3');

    expect(parse).toThrow(UsageError);
    expect(parse).toThrow(message);
  });

  const secret = 'kX+Secret/77=';

  it.each([
    ['an argument', [secret]],
    ['several', ['a', secret, 'b']],
    ['an option', [`--${secret}`]],
    ['a short option', [`-p${secret}`]],
    ['the value of an unknown option', [`--api-key=${secret}`]],
    ['behind an unknown option', ['--api-key', secret]],
    ['the value of one with a quote', [`--api-key=a' ${secret}`]],
    ['the value of one with another line', [`--api-key=\n${secret}`]],
    ['behind one that takes nothing', ['--json', secret]],
    ['the value of one that takes nothing', [`--json=${secret}`]],
    ['a connection', ['--connection', secret]],
    ['a stream', ['--stream', `${secret} x`]],
    ['a base URL', ['--base-url', secret]],
    ['the key of a base URL', ['--base-url', `mobaro=${secret}`]],
    ['a user of a URL', ['--base-url', `mobaro=https://${secret}@vendor.example`]],
    ['a password of a URL', ['--base-url', `mobaro=https://me:${secret}@vendor.example`]],
    ['a password with an @', ['--base-url', `mobaro=https://me:p@ss@${secret}@vendor.example`]],
    ['a password of a URL that is none', ['--base-url', `mobaro=ftp://me:${secret}@vendor.example`]],
    ['a query', ['--base-url', `mobaro=https://vendor.example?key=${secret}`]],
    ['a name that comes twice', ['--base-url', `${secret}x=live`, '--base-url', `${secret}x=live`]],
    ['a port', ['--watch', '--port', secret]],
    ['a time-out', ['--timeout', secret]],
    ['beside a close miss', ['--fres', secret]],
  ])('never repeats a secret that was typed: %s', (_, argv) => {
    const parts = [secret, 'Secret', 'me:'];
    try {
      optionsOf(...argv);
      expect.unreachable();
    } catch (error) {
      expect(error).toBeInstanceOf(UsageError);
      for (const part of parts) expect((error as Error).message).not.toContain(part);
    }
  });

  it.each([
    'kxsecretofsomelengthx',
    'kx-secret-of-some-length',
    'kxsecret=',
    'kxsecret==',
    'kxsecret7',
    'kxsecret_a',
    'kxsecret.a',
    'Kxsecret',
    'kxsecreT',
    'kxsecret é',
    "kxsecret'",
    '-kxsecret',
  ])('does not take a secret for the name of an option: %s', (typed) => {
    expect(() => optionsOf(`--${typed}`)).toThrow(
      new UsageError('There is an unknown option. npm start -- --help shows what is allowed.'),
    );
  });

  it('answers --help with examples, and --version', () => {
    expect(parseStartOptions(['--help'], '1.2.3')).toMatchObject({
      kind: 'answer',
      text: expect.stringMatching(
        /--base-url <connection=url>[^]*Examples:[^]*MOBARO_API_KEY[^]*Exit status[^]*143 by SIGTERM/,
      ) as string,
    });
    expect(parseStartOptions(['--version'], '1.2.3')).toEqual({ kind: 'answer', text: '1.2.3\n' });
  });
});
