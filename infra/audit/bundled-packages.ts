import { readFileSync } from 'node:fs';
import path from 'node:path';

import type { Metafile } from 'esbuild';
import { z } from 'zod';

import { isPermissive } from './licences.ts';

/** A package of which something is in a bundle. */
export interface BundledPackage {
  /** Where it is installed, as the lock file names it: `node_modules/ky`. */
  readonly place: string;
  readonly name: string;
  /** As it is installed. */
  readonly version: string;
  /** As its package.json has it; null if it says none. */
  readonly licence: string | null;
  /** Null if the lock file does not know the place. */
  readonly lockedVersion: string | null;
  /** Of its code in the largest share that any bundle has of it. */
  readonly bytes: number;
}

const packageJson = z.object({
  name: z.string(),
  version: z.string(),
  license: z.unknown().optional(),
});

const lockFile = z.object({ packages: z.record(z.string(), z.object({ version: z.string().optional() })) });

/** What the bundles are made of beside the project's own code, by name. @param root the folder of the project, absolute. */
export function bundledPackages(metafiles: readonly Metafile[], root: string): readonly BundledPackage[] {
  const { packages: locked } = lockFile.parse(readJson(path.join(root, 'package-lock.json')));
  return [...bytesByPlace(metafiles)]
    .map(([place, bytes]) => {
      const { name, version, license } = packageJson.parse(readJson(path.join(root, place, 'package.json')));
      const lockedVersion = locked[place]?.version ?? null;
      return { place, name, version, licence: textOf(license), lockedVersion, bytes };
    })
    .sort((a, b) => a.place.localeCompare(b.place, 'en'));
}

function bytesByPlace(metafiles: readonly Metafile[]): ReadonlyMap<string, number> {
  const largest = new Map<string, number>();
  for (const { outputs } of metafiles) {
    const own = new Map<string, number>();
    for (const { inputs } of Object.values(outputs)) {
      for (const [file, { bytesInOutput }] of Object.entries(inputs)) {
        const place = placeOf(file);
        if (place !== null && bytesInOutput > 0) own.set(place, (own.get(place) ?? 0) + bytesInOutput);
      }
    }
    for (const [place, bytes] of own) largest.set(place, Math.max(bytes, largest.get(place) ?? 0));
  }
  return largest;
}

/** `node_modules/a/node_modules/@b/c/d.js` is of `node_modules/a/node_modules/@b/c`; the project's own files are of none. */
function placeOf(file: string): string | null {
  return /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(file)?.[0] ?? null;
}

/** Some old packages have an object, or a list of them, instead of an expression: nothing that could be relied on. */
function textOf(license: unknown): string | null {
  return typeof license === 'string' && license.trim() !== '' ? license : null;
}

/** What is wrong with a package, one sentence each; nothing if all is well. */
export function objectionsTo(one: BundledPackage): readonly string[] {
  const { place, version, licence, lockedVersion } = one;
  return [
    ...(licence === null ? [`${place} does not say what its licence is.`] : []),
    ...(licence !== null && !isPermissive(licence)
      ? [`${place} is under ${licence}, which is not on the list of permissive licences.`]
      : []),
    ...(lockedVersion === null ? [`${place} is not in package-lock.json.`] : []),
    ...(lockedVersion !== null && lockedVersion !== version
      ? [`${place} is installed as ${version}, and package-lock.json says ${lockedVersion}: run npm ci.`]
      : []),
  ];
}

function readJson(file: string): unknown {
  return JSON.parse(readFileSync(file, 'utf8'));
}
