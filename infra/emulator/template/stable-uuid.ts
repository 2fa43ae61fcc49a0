import { createHash } from 'node:crypto';

/** Of the shape of a UUID, and always the same for the same content. */
export function stableUuid(content: string): string {
  return uuidOf(createHash('sha256').update(content).digest('hex'));
}

/** Of the shape of a UUID. @param hex 32 digits at least */
export function uuidOf(hex: string): string {
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
