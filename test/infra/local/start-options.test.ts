import { describe, expect, it } from 'vitest';

import { parseStartOptions, type StartOptions } from '../../../infra/local/start-options.ts';
import { UsageError } from '../../../infra/local/start-usage-error.ts';

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
    [['--watch', '--port', '65536'], '--port takes a number from 0 to 65535, not "65536".'],
    [['--watch', '--port', 'x'], '--port takes a number from 0 to 65535, not "x".'],
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
      ...['--data', 'here', '--fresh', '--json', '--timeout', '1.5'],
    );

    expect(options).toEqual({
      connections: ['mobaro'],
      streams: ['bob/people', 'bob/employment'],
      baseUrls: new Map([
        ['mobaro', 'live'],
        ['bob', 'http://127.0.0.1:9001/v1'],
      ]),
      data: 'here',
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
    [['--nonsense'], "Unknown option '--nonsense'. npm start -- --help shows what is allowed."],
    [
      ['--fres'],
      "Unknown option '--fres' (Did you mean --fresh?). npm start -- --help shows what is allowed.",
    ],
    [['surplus'], 'Unexpected argument: surplus. npm start -- --help shows what is allowed.'],
    [['a', 'b, c'], 'Unexpected arguments: a, b, c. npm start -- --help shows what is allowed.'],
    [['--stream'], "Option '--stream <name>' argument missing. npm start -- --help shows what is allowed."],
    [['--stream', 'users'], '--stream takes connection/stream, such as mobaro/users, not "users".'],
    [
      ['--connection', 'mobaro/users'],
      '--connection takes the name of a connection, such as mobaro, not "mobaro/users".',
    ],
    [['--timeout', 'soon'], '--timeout takes a number of seconds above 0 and up to 86400, not "soon".'],
    [['--timeout', '0'], '--timeout takes a number of seconds above 0 and up to 86400, not "0".'],
    [['--timeout', '1e3'], '--timeout takes a number of seconds above 0 and up to 86400, not "1e3".'],
    [['--data', ''], '--data takes the name of a folder, and was given nothing.'],
    [['--base-url', 'mobaro'], /^--base-url mobaro is not CONNECTION=URL; it takes .*mobaro=live\.$/],
    [['--base-url', '=https://a.example'], /is not CONNECTION=URL/],
    [['--base-url', 'mobaro='], /is not an http or https URL/],
    [['--base-url', 'mobaro=ftp://localhost/x'], /is not an http or https URL/],
    [['--base-url', 'mobaro=http://vendor.example'], /is not safe: http: is for this machine only/],
    [['--base-url', 'mobaro=http://127.0.0.1.vendor.example'], /is not safe/],
    [['--base-url', 'mobaro=https://vendor.example/?a=b'], /must end with its path/],
    [
      ['--base-url', 'm=live', '--base-url', 'm=live'],
      '--base-url names m twice; it takes one URL for each connection.',
    ],
  ])('refuses %j in one sentence', (argv, message) => {
    const parse = (): unknown => parseStartOptions(argv, '1.2.3');

    expect(parse).toThrow(UsageError);
    expect(parse).toThrow(message);
  });

  it('never repeats credentials that were typed into a URL', () => {
    expect(() => optionsOf('--base-url', 'mobaro=https://me:secret@vendor.example')).toThrow(
      /^--base-url mobaro=https:\/\/\*\*\*@vendor\.example must not hold credentials/,
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
