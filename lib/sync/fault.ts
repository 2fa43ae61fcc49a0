/** An error of our own or of AWS's, as far as it may be reported: its message may quote its input, which is personal data. */
export interface Fault {
  /** Its class, and the code that Node and AWS give some: `TypeError`, `Error (ECONNRESET)`. */
  readonly name: string;
  /** Its message, where its class promises that it holds no personal data (`holdsNoData`); else null. */
  readonly words: string | null;
  /** Where it was thrown, and where what caused it: for developers. */
  readonly stack: readonly string[];
}

/** @param error what was thrown, of any type */
export function faultOf(error: unknown): Fault {
  if (!(error instanceof Error)) return { name: `a thrown ${typeof error}`, words: null, stack: [] };
  const { cause } = error;
  const words = 'holdsNoData' in error && error.holdsNoData === true ? error.message : null;
  const reported = { name: nameOf(error), words };
  const own = framesOf(error);
  if (!(cause instanceof Error)) return { ...reported, stack: own };
  return { ...reported, stack: [...own, `caused by ${nameOf(cause)}`, ...framesOf(cause)] };
}

function nameOf(error: Error): string {
  const name = /^\w{1,80}$/.test(error.name) ? error.name : 'Error';
  const code = 'code' in error ? error.code : undefined;
  return typeof code === 'string' && /^[A-Z][A-Z0-9_]{1,40}$/.test(code) ? `${name} (${code})` : name;
}

const maxFrames = 20;

/** The lines behind the message, which may have lines of its own. */
function framesOf({ stack = '', message }: Error): readonly string[] {
  const start = stack.indexOf(message);
  const lines = start === -1 ? [] : stack.slice(start + message.length).split('\n');
  return lines
    .flatMap((line) => (/^\s+at \S.*:\d+:\d+\)?$/.test(line) ? [line.trim()] : []))
    .slice(0, maxFrames);
}
