import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';

import ts from 'typescript';
import { describe, expect, it } from 'vitest';

import { house } from '../eslint.config.js';

/** By file or folder: what it imports, types among it. */
type Graph = ReadonlyMap<string, ReadonlySet<string>>;

function importsOf(file: string): string[] {
  const text = readFileSync(file, 'utf8');
  const ofCode = ts.preProcessFile(text, true, true).importedFiles.map(({ fileName }) => fileName);
  // Types that a script without types names in its comments.
  const ofComments = [...text.matchAll(/import\('([^']+)'\)/g)].map(([, name = '']) => name);
  return [...ofCode, ...ofComments]
    .filter((name) => name.startsWith('.'))
    .map((name) => path.join(path.dirname(file), name));
}

function graphOf(pattern: string): Graph {
  const files = globSync(pattern);
  return new Map(files.map((file) => [file, new Set(importsOf(file))]));
}

function foldersOf(files: Graph): Graph {
  const folders = new Map<string, Set<string>>();
  for (const [file, imported] of files) {
    const folder = path.dirname(file);
    const others = folders.get(folder) ?? new Set();
    for (const other of imported) if (path.dirname(other) !== folder) others.add(path.dirname(other));
    folders.set(folder, others);
  }
  return folders;
}

/** The first circle that is found, from one node back to itself; undefined where there is none. */
function circleIn(graph: Graph): readonly string[] | undefined {
  const done = new Set<string>();
  const walk = (node: string, way: readonly string[]): readonly string[] | undefined => {
    const at = way.indexOf(node);
    if (at !== -1) return [...way.slice(at), node];
    if (done.has(node)) return undefined;
    done.add(node);
    for (const next of graph.get(node) ?? []) {
      const circle = walk(next, [...way, node]);
      if (circle !== undefined) return circle;
    }
    return undefined;
  };
  for (const node of graph.keys()) {
    const circle = walk(node, []);
    if (circle !== undefined) return circle;
  }
  return undefined;
}

describe('the house', () => {
  const infra = graphOf('infra/**/*.{ts,js}');

  it('has no file of infra that imports itself by way of others, not even for a type', () => {
    expect(infra.size).toBeGreaterThan(150);
    expect(circleIn(infra)).toBeUndefined();
  });

  it('has no folder of infra that does', () => {
    expect(circleIn(foldersOf(infra))).toBeUndefined();
  });

  it('has no such file in lib and functions', () => {
    expect(circleIn(graphOf('{lib,functions}/**/*.ts'))).toBeUndefined();
  });

  it('finds a circle where there is one', () => {
    const through = (...names: readonly string[]): Graph =>
      new Map(names.map((name, index) => [name, new Set([names[(index + 1) % names.length] ?? ''])]));
    expect(circleIn(through('a', 'b', 'c'))).toEqual(['a', 'b', 'c', 'a']);
  });

  it('has a room for each folder of infra', () => {
    const folders = globSync('infra/*/').map((folder) => path.join(folder, '.'));
    expect(
      Object.keys(house)
        .filter((folder) => folder.startsWith('infra/'))
        .sort(),
    ).toEqual(folders.sort());
  });
});
