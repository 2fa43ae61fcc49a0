import { buildRequest, credentialTexts, sentOf } from '../connectors/build-request.ts';
import type { Connector, Fault, StreamDefinition } from '../connectors/connector.ts';
import { nothingRedacted } from '../connectors/privacy.ts';
import { formatStreamName } from '../connectors/stream-name.ts';
import { rateLimitSeen } from '../retry/rate-limit.ts';
import { tellGovernor } from '../sync/limits.ts';
import { definitionHash } from '../sync/definition-hash.ts';
import { firstPage, isAskable, type FirstPage } from '../sync/parts.ts';
import type {
  Breakers,
  Clock,
  Governor,
  Records,
  Secret,
  Secrets,
  Vendor,
  VendorAnswer,
} from '../sync/ports.ts';
import { readAnswer, type Reading } from '../sync/read-answer.ts';
import { limitsOf, nothingChosen, streamDefaults, type Stream } from '../sync/settings.ts';
import { missingFields } from '../sync/credentials.ts';
import { accessToCheck, type CheckTokens } from './check-access.ts';
import { adviceFor } from './check-advice.ts';

export interface CheckedConnection {
  readonly name: string;
  readonly connector: Connector;
  /** What the vendor's limit is kept under. */
  readonly limitGroup: string;
  /** Where it is called, without a trailing slash. */
  readonly baseUrl: string;
  readonly streams: readonly Stream[];
}

export interface CheckPorts {
  readonly breakers: Pick<Breakers, 'read'>;
  readonly governor: Governor;
  /** For streams that are requested for one record of another stream at a time. */
  readonly records: Pick<Records, 'list'>;
  readonly secrets: Secrets;
  /** Null where the secret itself is what is sent. */
  readonly tokens: CheckTokens | null;
  readonly vendor: Vendor;
  readonly clock: Pick<Clock, 'now'>;
}

/** What was found at one connection or stream. */
export interface Finding {
  readonly target: string;
  /** `unknown`: it could not be found out now. */
  readonly verdict: 'good' | 'fault' | 'unknown';
  /** What is at fault, or in the way; null where nothing is. */
  readonly fault: Fault | null;
  /** One sentence for the person who gave the command. */
  readonly sentence: string;
  /** The host that was called; null if none was. */
  readonly asked: string | null;
  /** What the answer said of the vendor's limit; null if it said nothing. */
  readonly limit: { readonly limit: number | null; readonly remaining: number | null } | null;
}

/**
 * Looks at a connection as its functions would: the secret, the credentials with one cheap call, and then one row of each
 * stream. Every call needs a permit and counts; a limit in use is reported and not waited for. A 401 ends it, for Bob
 * blocks a caller that meets many; it halts nothing, as what is found here changes nothing but what is known of limits.
 */
export async function checkConnection(
  connection: CheckedConnection,
  ports: CheckPorts,
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  const { name, connector, streams } = connection;
  let secret: Secret;
  try {
    secret = await ports.secrets.read({ fresh: true });
  } catch (error) {
    const why = error instanceof Error ? error.name : 'no reason given';
    if (why === 'ResourceNotFoundException') {
      const sentence = `${name}: its secret is not in this account and region. Look at connections.${name}.secret in cdk.json; where it names none, the secret was deleted.`;
      return [{ ...nothingSeen(name), verdict: 'fault', fault: 'secret', sentence }];
    }
    const sentence = `${name}: its secret could not be read (${why}); check it where that is allowed.`;
    return [{ ...nothingSeen(name), verdict: 'unknown', fault: 'secret', sentence }];
  }
  const masks = streams.some(({ settings }) => settings.mask.length > 0);
  const missing = missingFields(connector, masks, secret);
  if (missing !== null) {
    const sentence = `${name}: its secret has no ${missing} yet. ${adviceFor('secret', connector)}`;
    return [{ ...nothingSeen(name), verdict: 'fault', fault: 'secret', sentence }];
  }
  const breaker = await ports.breakers.read(name);
  if (breaker.state === 'open' && breaker.secretVersion === secret.version) {
    const sentence = `${name}: the vendor has refused this key before (401), so it is not called again. ${adviceFor('credential', connector)}`;
    return [{ ...nothingSeen(name), verdict: 'fault', fault: 'credential', sentence }];
  }

  const access = await accessToCheck(connector, secret, ports, signal);
  if (access.kind === 'not') {
    const { verdict, fault, words, asked } = access;
    return [{ ...nothingSeen(name), verdict, fault, sentence: `${name}: ${words}`, asked }];
  }
  const findings: Finding[] = [];
  let proven = false;
  const probe = probeOf(connection);
  for (const stream of [...(probe === null ? [] : [probe]), ...streams]) {
    const { unauthorized, ...finding } = await checkStream(
      stream,
      connection,
      access.secret,
      proven,
      ports,
      signal,
    );
    findings.push(finding);
    proven ||= provesCredentials(finding);
    if (!unauthorized) continue;
    const left = streams.filter((other) => findings.every(({ target }) => target !== other.name));
    return [...findings, ...left.map(({ name: target }) => notCalled(target))];
  }
  return findings;
}

/** Any answer but a 401 and "not now". */
function provesCredentials({ verdict, fault }: Finding): boolean {
  return verdict === 'good' || fault === 'permission' || fault === 'missing' || fault === 'request';
}

/** The call that needs no permission, as a stream of the connection's own name. */
function probeOf({ name, connector, limitGroup }: CheckedConnection): Stream | null {
  if (connector.probe === undefined) return null;
  const definition: StreamDefinition = {
    about: 'nothing but the credentials',
    ...{ method: 'GET', path: connector.probe, items: { path: [] }, id: [], paging: { kind: 'none' } },
    grade: 'vendor',
  };
  return {
    ...{ name, connection: name, connector, definition, settings: streamDefaults(definition) },
    ...limitsOf(limitGroup, connector, definition, nothingChosen),
    ...{ gapSeconds: 0, freshnessMs: 0, pageAfterMs: 0, leaseMs: 0, visibilityMs: 0 },
  };
}

async function checkStream(
  stream: Stream,
  { name, connector, baseUrl }: CheckedConnection,
  secret: Secret,
  proven: boolean,
  ports: CheckPorts,
  signal: AbortSignal,
): Promise<Finding & { readonly unauthorized: boolean }> {
  const { definition, settings, limits } = stream;
  const { governor, vendor, clock } = ports;
  const now = clock.now();
  const first = await firstPageOf(stream, ports, now, signal);
  if (first.kind === 'nothing to request') {
    const sentence = `${stream.name}: not called, for ${parentsOf(stream)} has no record yet, and it is requested for one of them at a time.`;
    return { ...nothingSeen(stream.name), verdict: 'unknown', fault: null, sentence, unauthorized: false };
  }
  const { position } = first;
  if (!isAskable(position, stream)) {
    const sentence = `${stream.name}: not called, for the id of the first of ${parentsOf(stream)} cannot stand in a path (. or ..).`;
    return { ...nothingSeen(stream.name), verdict: 'unknown', fault: null, sentence, unauthorized: false };
  }
  const permit = await governor.permit(
    limits.map((limit) => ({ ...limit, slot: null })),
    now,
  );
  if (!permit.granted) {
    const seconds = Math.max(1, Math.ceil((permit.at - now) / 1000));
    const sentence = `${stream.name}: the limit of ${permit.scope} is in use, try in ${seconds} s.`;
    return { ...nothingSeen(stream.name), verdict: 'unknown', fault: 'limit', sentence, unauthorized: false };
  }
  const request = buildRequest({
    ...{ baseUrl, connector, definition, position, secret: secret.fields },
    pageSize: settings.pageSize === null ? null : 1,
    // One field is enough to see whether it answers.
    fields: settings.fields?.slice(0, 1) ?? null,
    orderBy: settings.orderBy,
    now,
  });
  const answer = await vendor.call(request, signal);
  const credentials = credentialTexts(connector, secret.fields);
  // Nothing of a row is kept here.
  const reading = readAnswer(
    {
      ...{ definition, position, privacy: nothingRedacted, fields: null, credentials },
      sentences: connector.sentences ?? [],
      sent: sentOf(request, baseUrl, connector, secret.fields),
    },
    answer,
  );
  await tellGovernor(answer, reading, { deps: ports, stream });
  const isProbe = stream.name === name;
  const answered = isProbe && answer.kind === 'answered' && answer.status < 300;
  const found = answered
    ? { verdict: 'good' as const, fault: null, words: 'its key is good' }
    : findingOf(reading, proven, connector);
  const { verdict, fault, words } = found;
  return {
    ...{ target: stream.name, verdict, fault, sentence: `${stream.name}: ${words}.`, limit: limitIn(answer) },
    asked: new URL(baseUrl).host,
    unauthorized: reading.kind === 'final' && reading.outcome === 'unauthorized',
  };
}

/** Of a stream that is read by time, what is new: less than where its history begins, and as good. */
function firstPageOf(
  stream: Stream,
  ports: CheckPorts,
  now: number,
  signal: AbortSignal,
): Promise<FirstPage> {
  const readUntil = { at: now, definition: definitionHash(stream) };
  const nothing = { heldDeletions: null, lastRunRows: null, progress: null, trustedFingerprint: null };
  return firstPage({ ...nothing, sequence: 0, readUntil }, { stream, signal, deps: ports }, null);
}

function parentsOf({ connection, definition: { parents } }: Stream): string {
  return parents !== undefined && 'stream' in parents
    ? formatStreamName({ connection, stream: parents.stream })
    : 'its list';
}

type Found = Pick<Finding, 'verdict' | 'fault'> & { readonly words: string };

/** What an answer says of a stream, with the advice for it. @param proven another call has shown that the key is good */
export function findingOf(reading: Reading, proven: boolean, connector: Connector): Found {
  switch (reading.kind) {
    case 'page': {
      const { total } = reading.page;
      const words =
        total === null ? 'it answers' : `it answers, and counts ${total.toLocaleString('en-US')} rows`;
      return { verdict: 'good', fault: null, words };
    }
    case 'nothing':
      return { verdict: 'good', fault: null, words: `it answers that there is nothing (${reading.status})` };
    case 'started':
    case 'not yet':
      return { verdict: 'good', fault: null, words: 'it answers, and begins to write a file' };
    case 'transient':
      return ofTransient(reading, connector);
    case 'final':
      return ofFinal(reading, proven, connector);
    case 'refused offset':
      // The first page is at no offset that could be refused.
      return faulty('address', `what answers is not what is expected (${reading.reason})`, connector);
  }
}

function ofTransient(reading: Extract<Reading, { kind: 'transient' }>, connector: Connector): Found {
  const { failure, status, reason, namedWait } = reading;
  switch (failure) {
    case 'throttled': {
      const wait = namedWait === null ? '' : `, try in ${Math.ceil(namedWait / 1000)} s`;
      const words = `the vendor asks for a pause (${reason})${wait}`;
      return { verdict: 'unknown', fault: 'limit', words };
    }
    case 'unavailable':
      return status === null
        ? faulty('network', `it cannot be reached (${reason})`, connector)
        : { ...faulty('vendor', `the vendor is not well (${reason})`, connector), verdict: 'unknown' };
    case 'malformed':
      return faulty('address', `what answers is not what is expected (${reason})`, connector);
  }
}

function ofFinal(
  { outcome, status, reason }: Extract<Reading, { kind: 'final' }>,
  proven: boolean,
  connector: Connector,
): Found {
  switch (outcome) {
    case 'unauthorized':
      return proven
        ? faulty('permission', `it is refused, though the key is good elsewhere (${reason})`, connector)
        : faulty('credential', `the vendor refuses the key (${reason})`, connector);
    case 'forbidden':
      return faulty('permission', `the key may not read it (${reason})`, connector);
    case 'missing':
      return faulty('missing', `the vendor knows no such resource (${reason})`, connector);
    case 'rejected':
      return status !== null && status >= 300 && status < 400
        ? faulty('address', `it is sent elsewhere (${reason})`, connector)
        : faulty('request', `the request is not accepted (${reason})`, connector);
  }
}

function faulty(fault: Fault, words: string, connector: Connector): Found {
  const advice = adviceFor(fault, connector).replace(/\.$/, '');
  return { verdict: 'fault', fault, words: `${words}. ${advice}` };
}

function limitIn(answer: VendorAnswer): Finding['limit'] {
  if (answer.kind !== 'answered') return null;
  const { limit, window } = rateLimitSeen(answer.headers, answer.receivedAt);
  return limit === null && window === null ? null : { limit, remaining: window?.remaining ?? null };
}

function nothingSeen(target: string): Pick<Finding, 'target' | 'asked' | 'limit'> {
  return { target, asked: null, limit: null };
}

function notCalled(target: string): Finding {
  const sentence = `${target}: not called, after the 401.`;
  return { ...nothingSeen(target), verdict: 'unknown', fault: 'credential', sentence };
}
