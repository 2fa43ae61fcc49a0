import type { Connector } from '../../lib/connectors/connector.ts';
import { bob } from './bob/simulator.ts';
import type { Simulator } from './frame/simulator.ts';
import { mobaro } from './mobaro/simulator.ts';
import { modelOf } from './model/simulator.ts';

/** By the connector's name: one folder, and one line here. A connector without one is simulated from its definition. */
export const simulators: Readonly<Record<string, Simulator>> = {
  mobaro,
  bob,
};

/** Whether the connector has a simulator that was written for it. */
export function hasOwnSimulator(connector: string): boolean {
  return Object.hasOwn(simulators, connector);
}

/** Its own one, or one that is made from its definition; null where access tokens would have to be granted. */
export function simulatorOf(connector: Connector): Simulator | null {
  if (hasOwnSimulator(connector.name)) return simulators[connector.name] ?? null;
  return connector.authentication.kind === 'oauth2' ? null : modelOf(connector);
}
