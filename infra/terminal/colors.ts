import picocolors from 'picocolors';

export type Colors = ReturnType<typeof picocolors.createColors>;

export const plain: Colors = picocolors.createColors(false);

interface Terminal {
  readonly isTTY?: boolean | undefined;
}

/**
 * Colours only where a person looks at them: on a terminal, unless NO_COLOR asks for none (no-color.org). picocolors by
 * itself would also colour a pipe where CI is set, and looks at stdout whatever is written to.
 */
export function colorsFor(stream: Terminal, variables: Readonly<Record<string, string | undefined>>): Colors {
  const refused = (variables['NO_COLOR'] ?? '') !== '' || variables['TERM'] === 'dumb';
  const forced = !['', '0', undefined].includes(variables['FORCE_COLOR']);
  return picocolors.createColors(!refused && (stream.isTTY === true || forced));
}
