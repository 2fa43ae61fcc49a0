import { Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';

import type { Resource, Synthesized } from './synthesized.ts';

/** Each stack of the app, by its description: the stack itself is first. */
export function stacksOf({ app }: Synthesized): ReadonlyMap<string, object> {
  const stacks = app.stack.node.findAll().filter((construct) => Stack.isStack(construct));
  return new Map(
    stacks.map((stack) => [
      stack === app.stack ? 'the stack' : (stack.templateOptions.description ?? ''),
      Template.fromStack(stack).toJSON() as object,
    ]),
  );
}

export function resourcesIn(template: object | undefined): [string, Resource][] {
  return Object.entries((template as { Resources?: Record<string, Resource> } | undefined)?.Resources ?? {});
}

/** The resources of all stacks together: those that are nested among them. */
export function whole(synthesized: Synthesized): Pick<Synthesized, 'ofType'> {
  const all = [...stacksOf(synthesized).values()].flatMap((template) => resourcesIn(template));
  return {
    ofType: (type, under = '') =>
      all.filter(([id, resource]) => resource.Type === type && id.startsWith(under)),
  };
}
