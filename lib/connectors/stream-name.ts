/** Names one stream of one connection. Written `mobaro/users`, and stored so: what stands before the slash is the connection. */
export interface StreamName {
  readonly connection: string;
  /** Within its connection: `users`. */
  readonly stream: string;
}

export function formatStreamName({ connection, stream }: StreamName): string {
  return `${connection}/${stream}`;
}

/** @returns null where the text names no stream, but, say, a whole connection */
export function parseStreamName(text: string): StreamName | null {
  const slash = text.indexOf('/');
  return slash === -1 ? null : { connection: text.slice(0, slash), stream: text.slice(slash + 1) };
}

/** The connection of a stream. @throws Error if that is no name of a stream */
export function connectionOf(name: string): string {
  const parsed = parseStreamName(name);
  if (parsed === null) throw new Error(`${name} names no stream of a connection`);
  return parsed.connection;
}
