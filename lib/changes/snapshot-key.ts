/**
 * How the objects of snapshots are named: `snapshots/mobaro/users/20261130T094205123Z/part-00001.ndjson.gz`, and once all of its
 * parts are there `.../finished.json`. The folder is the moment at which the snapshot was begun.
 */

import { momentInKey, momentPattern, parseMoment } from './moment-in-key.ts';

export const snapshotsPrefix = 'snapshots/';

/** Where the snapshots of a stream are. */
export function snapshotsOf(stream: string): string {
  return `${snapshotsPrefix}${stream}/`;
}

/** @param begunAt epoch milliseconds */
function folderOf(stream: string, begunAt: number): string {
  return `${snapshotsOf(stream)}${momentInKey(begunAt)}/`;
}

/** @param part from 1 */
export function partKey(stream: string, begunAt: number, part: number): string {
  return `${folderOf(stream, begunAt)}part-${String(part).padStart(5, '0')}.ndjson.gz`;
}

export function markerKey(stream: string, begunAt: number): string {
  return `${folderOf(stream, begunAt)}finished.json`;
}

export interface SnapshotObject {
  readonly stream: string;
  readonly begunAt: number;
  readonly kind: 'part' | 'marker';
}

const pattern = new RegExp(
  String.raw`^snapshots/([^/]+/[^/]+)/${momentPattern}/(?:part-\d{5,}\.ndjson\.gz|(finished\.json))$`,
);

/** @returns null for an object that is none of a snapshot's */
export function readSnapshotKey(key: string): SnapshotObject | null {
  const [, stream, moment, marker] = pattern.exec(key) ?? [];
  if (stream === undefined || moment === undefined) return null;
  return { stream, begunAt: parseMoment(moment), kind: marker === undefined ? 'part' : 'marker' };
}
