import type { Connector, Fault } from '../connectors/connector.ts';

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

/** One sentence: the vendor's own, or what is true of any API. */
export function adviceFor(fault: Fault, { advice }: Connector): string {
  return advice?.check?.[fault] ?? any[fault];
}
