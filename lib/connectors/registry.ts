import { bob } from './bob/bob.ts';
import type { Connector } from './connector.ts';
import { mobaro } from './mobaro/mobaro.ts';

/** Every vendor that Pagekeeper can talk to: one folder, and one line here. */
const all: readonly Connector[] = [
  mobaro,
  bob,
]; // prettier-ignore

/** By the name used in settings. */
export const connectors: Readonly<Record<string, Connector>> = Object.fromEntries(
  all.map((connector) => [connector.name, connector]),
);
