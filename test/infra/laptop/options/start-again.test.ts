import { describe, expect, it } from 'vitest';

import { startAgain } from '../../../../infra/laptop/options/start-again.ts';
import { parseStartOptions } from '../../../../infra/laptop/options/options.ts';

function again(argv: readonly string[], timedOut = false): string {
  const parsed = parseStartOptions(argv, '1.2.3');
  if (parsed.kind !== 'run') throw new Error('not to be run');
  return startAgain(parsed.options, { timedOut });
}

describe('startAgain', () => {
  it('is bare where nothing was said', () => {
    expect(again([])).toBe('npm start');
  });

  it('repeats what was said, quoted for a shell, but for --fresh', () => {
    const argv = [
      ...['--stream', 'bob/people', '--connection', 'mobaro', '--base-url=mobaro=http://127.0.0.1:9/v1'],
      ...['--data', 'my data', '--fresh', '--timeout', '1.5'],
    ];

    expect(again(argv)).toBe(
      "npm start -- --connection mobaro --stream bob/people --base-url mobaro=http://127.0.0.1:9/v1 --data 'my data' --timeout 1.5",
    );
  });

  it('names a file of keys, but not a pipe that is gone', () => {
    expect(again(['--keys-from', 'my keys.json'])).toBe("npm start -- --keys-from 'my keys.json'");
    expect(again(['--keys-from', '-'])).toBe('npm start');
    expect(again(['--keys-from=-', '--watch'])).toBe('npm start -- --watch');
  });

  it('watches again, at the port that was named', () => {
    expect(again(['--watch'])).toBe('npm start -- --watch');
    expect(again(['--watch', '--port', '8000'])).toBe('npm start -- --watch --port 8000');
  });

  it.each([
    [['--timeout', '3'], 'npm start'],
    [['--timeout=3', '--connection', 'bob'], 'npm start -- --connection bob'],
    [['--timeout', '3600'], 'npm start -- --timeout 3600'],
  ])('after a time-out with %j proposes no time-out below the default', (argv, command) => {
    expect(again(argv, true)).toBe(command);
  });
});
