import type { Connector } from '../connectors/connector.ts';

/** What can be at fault between here and a row. */
export type Fault =
  /** It holds its placeholder still, or cannot be read. */
  | 'secret'
  /** 401 */
  | 'credential'
  /** 403, or a 401 with a key that is good elsewhere. */
  | 'permission'
  /** 404: at Bob often a module that was not bought. */
  | 'missing'
  /** Another 4xx. */
  | 'request'
  /** A redirect, or a page of HTML. */
  | 'address'
  | 'network'
  /** 5xx */
  | 'vendor'
  | 'limit';

const any: Readonly<Record<Fault, string>> = {
  secret: 'Put the values there: npx pagekeeper secret set.',
  credential: 'Check that the key is valid, has not been rotated or restricted, and is of this environment.',
  permission: "Give the key's owner the permission to read it.",
  missing: 'Check that the resource exists and is available to this account.',
  request: "Check the stream's settings.",
  address: 'Check the baseUrl.',
  network: 'Check the network, its proxy and the baseUrl.',
  vendor: "Look at the vendor's status page, and try later.",
  limit: '',
};

/** The vendors' own words, from their error pages. */
const byConnector: Readonly<Record<string, Partial<Record<Fault, string>>>> = {
  mobaro: {
    credential:
      'Check that the key (X-Api-Key) has not been rotated or restricted and is of this environment, and that the user who made it may read this: Mobaro says 401 for that, too.',
    missing: "Check the location access of the key's user.",
  },
  bob: {
    credential: "Check the service user's id and token, and that they are of this environment.",
    permission: 'Give the service user the permission, or the scope.',
    missing:
      'It is not available to your organization: a module, such as Time and Attendance, may have to be bought and activated.',
    vendor: 'Retry later, or contact HiBob support.',
  },
};

/** One sentence. */
export function adviceFor(fault: Fault, { name }: Connector): string {
  return byConnector[name]?.[fault] ?? any[fault];
}
