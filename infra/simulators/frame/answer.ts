import type { Answer } from './vendor.ts';
import { toJson } from './json.ts';

type Headers = Readonly<Record<string, string>>;

export function json(status: number, value: unknown, headers: Headers = {}): Answer {
  return jsonText(status, toJson(value), headers);
}

/** For JSON that is already text. */
export function jsonText(status: number, body: string, headers: Headers = {}): Answer {
  return { status, headers: { 'Content-Type': 'application/json; charset=utf-8', ...headers }, body };
}

export function text(status: number, body: string, headers: Headers = {}): Answer {
  return { status, headers: { 'Content-Type': 'text/plain; charset=utf-8', ...headers }, body };
}

export function html(status: number, title: string, headers: Headers = {}): Answer {
  const body = `<!DOCTYPE html>\n<html lang="en"><head><title>${title}</title></head><body><h1>${title}</h1></body></html>\n`;
  return { status, headers: { 'Content-Type': 'text/html; charset=utf-8', ...headers }, body };
}

export function empty(status: number, headers: Headers = {}): Answer {
  return { status, headers, body: '' };
}
