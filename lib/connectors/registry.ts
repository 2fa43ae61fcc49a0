import { bob } from './bob/bob.ts';
import type { Connector } from './connector.ts';
import { mobaro } from './mobaro/mobaro.ts';

/** Every vendor that Pagekeeper can talk to: one folder, and one line here. */
const all: readonly Connector[] = [
  mobaro,
  bob,
]; // prettier-ignore

/** By the name used in settings. */
export type Connectors = Readonly<Record<string, Connector>>;

/** Those that Pagekeeper has itself; a deployment may have others beside them. */
export const connectors: Connectors = Object.fromEntries(all.map((connector) => [connector.name, connector]));

/** Whether the code itself has it: it need not be told. */
export function isBuiltIn({ name }: Pick<Connector, 'name'>): boolean {
  return Object.hasOwn(connectors, name);
}
