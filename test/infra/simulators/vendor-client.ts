import { onTestFinished } from 'vitest';
import {
  startSimulatedVendor,
  type SimulatedVendor,
  type SimulatedVendorOptions,
} from '../../../infra/simulators/start-simulated-vendor.ts';
import { fromJson, isJsonObject, type JsonObject } from '../../../infra/simulators/frame/json.ts';

export interface Received {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

export interface Client {
  readonly vendor: SimulatedVendor;
  /** With good credentials unless the headers say otherwise. */
  readonly get: (path: string, headers?: Readonly<Record<string, string>>) => Promise<Received>;
  /** A JSON body, given as a value. */
  readonly post: (
    path: string,
    body: unknown,
    headers?: Readonly<Record<string, string>>,
  ) => Promise<Received>;
}

/** Starts a vendor for the test that calls it, without faults unless some are given. */
export async function startForTest(connector: string, options: SimulatedVendorOptions = {}): Promise<Client> {
  const vendor = await startSimulatedVendor(connector, { faults: [], ...options });
  onTestFinished(() => vendor.close());
  const send = async (method: string, path: string, headers: object, body?: string): Promise<Received> => {
    const init = { method, headers: { ...credentials(vendor), ...headers }, redirect: 'manual' as const };
    const response = await fetch(`${vendor.url}${path}`, body === undefined ? init : { ...init, body });
    return { status: response.status, headers: response.headers, text: await response.text() };
  };
  return {
    vendor,
    get: (path, headers = {}) => send('GET', path, headers),
    post: (path, body, headers = {}) =>
      send('POST', path, { 'Content-Type': 'application/json', ...headers }, JSON.stringify(body)),
  };
}

export function credentials({ secret }: Pick<SimulatedVendor, 'secret'>): Record<string, string> {
  if (secret.apiKey !== undefined) return { 'X-Api-Key': secret.apiKey };
  const pair = `${secret.serviceUserId ?? ''}:${secret.serviceUserToken ?? ''}`;
  return { Authorization: `Basic ${Buffer.from(pair).toString('base64')}` };
}

/** The JSON object of a body, its numbers as they were written. */
export function objectOf({ text }: Pick<Received, 'text'>): JsonObject {
  const value = fromJson(text);
  if (!isJsonObject(value)) throw new TypeError(`not a JSON object: ${text.slice(0, 80)}`);
  return value;
}

export function listOf(value: unknown): readonly JsonObject[] {
  if (!Array.isArray(value) || !value.every(isJsonObject)) throw new TypeError('not a list of objects');
  return value;
}
