import { readFileSync } from 'node:fs';
import path from 'node:path';

import { describe, expect, it } from 'vitest';

import { stackSizes, type Size } from '../../infra/cli/size/stack-sizes.ts';
import { awsLimits } from '../../infra/settings/aws-limits.ts';
import { projectRoot } from '../../infra/settings/project.ts';
import { readSettings } from '../../infra/settings/read-settings.ts';
import { costAtRest } from './cost-at-rest.ts';
import { allStreams, many } from './many-connections.ts';
import { resourcesIn, stacksOf, whole } from './stacks-of.ts';
import { synthesized } from './synthesized.ts';

describe('connections for which a stack has no room', () => {
  it('go into nested stacks, and those before them stay where they are', () => {
    const streams = (connector: string) =>
      connector === 'mobaro' ? allStreams('mobaro') : { people: {}, employment: {} };
    const idsOf = (count: number) => {
      const stacks = stacksOf(synthesized(many(count, streams)));
      return {
        stacks: [...stacks.keys()],
        ids: new Set(resourcesIn(stacks.get('the stack')).map(([id]) => id)),
      };
    };
    const six = idsOf(6);
    expect(six.stacks).toEqual(['the stack']);
    const sixteen = idsOf(16);
    expect(sixteen.stacks.at(-1)).toBe('Pagekeeper: bob-16');
    const staying = 16 - (sixteen.stacks.length - 1);
    expect(staying).toBeGreaterThan(2);
    for (let number = 1; number <= Math.min(6, staying); number += 1) {
      const own = [...six.ids].filter((id) =>
        new RegExp(`^Connection(mobaro|bob)${String(number)}[A-Z]`).test(id),
      );
      expect(own.length).toBeGreaterThan(10);
      expect(own.filter((id) => !sixteen.ids.has(id))).toEqual([]);
    }
  });

  it('fit for 20 connections with all streams of both vendors, by every limit', () => {
    const stacks = [...stacksOf(synthesized(many(20, allStreams))).values()];
    const [template, ...rest] = stacks;
    const nested = new Map(rest.map((one, index) => [String(index), one]));
    const sizes = stackSizes({ stackName: 'Pagekeeper', template, nested });
    expect(sizes.length).toBeGreaterThan(15);
    const over = sizes.flatMap(({ name, sizes: of }) =>
      (Object.keys(awsLimits) as Size[]).flatMap((size) =>
        of[size].value > awsLimits[size] ? [[name, size, of[size]]] : [],
      ),
    );
    expect(over).toEqual([]);
    // Should one ever come out at next to nothing, it has not been counted.
    const largest = (size: Size) => Math.max(...sizes.map(({ sizes: of }) => of[size].value));
    expect(largest('resources')).toBeGreaterThan(200);
    expect(largest('environment')).toBeGreaterThan(2000);
    expect(largest('inline')).toBeGreaterThan(4000);
    expect(largest('resource')).toBeGreaterThan(300);
    expect(largest('parameters')).toBeGreaterThan(10);
  });
});

describe('how large a deployment is, and what it costs at rest', () => {
  const page = readFileSync(path.join(projectRoot, 'docs', 'cost.md'), 'utf8');
  const perMonth = (gapSeconds: number): number => (730 * 3600) / gapSeconds;

  function rowOf(title: string, settings: object): string {
    const deployment = synthesized(settings);
    const [template, ...rest] = [...stacksOf(deployment).values()];
    const sizes = stackSizes({
      ...{ stackName: '', template },
      nested: new Map(rest.map((one, index) => [String(index), one])),
    });
    const resources = sizes.map(({ sizes: of }) => of.resources.value);
    const ticks = readSettings(settings)
      .connections.flatMap(({ streams }) => streams)
      .reduce((sum, { shortestGapSeconds }) => sum + perMonth(shortestGapSeconds), 0);
    const { sum } = costAtRest(whole(deployment), ticks);
    const kilobytes = Math.round(Math.max(...sizes.map(({ sizes: of }) => of.template.value)) / 1000);
    return [
      ...[title, sizes.length, resources.reduce((a, b) => a + b, 0), Math.max(...resources)],
      ...[`${String(kilobytes)} KB`, `$${sum.toFixed(2)}`],
    ].join(' | ');
  }

  it.each<[string, () => object]>([
    ['1, Mobaro', () => ({ connections: { mobaro: {} } })],
    ['2, as by default', () => ({})],
    ['4, their usual streams', () => many(4, () => undefined)],
    ['20, their usual streams', () => many(20, () => undefined)],
    ['20, all streams', () => many(20, allStreams)],
  ])('is in docs/cost.md: %s', (title, settings) => {
    const cells = page
      .split('\n')
      .filter((line) => line.startsWith('| '))
      .map((line) =>
        line
          .slice(2, -1)
          .trim()
          .replaceAll(/ *\| */g, ' | '),
      );
    expect(cells).toContain(rowOf(title, settings()));
  });
});
