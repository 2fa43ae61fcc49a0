import { Annotations, CfnResource, Names, Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';

/** A nested stack is none of its own resources, but of its parent's. */
export function resourcesOf(stack: Stack): number {
  return stack.node
    .findAll()
    .filter((construct) => CfnResource.isCfnResource(construct) && construct.stack === stack).length;
}

/**
 * How many connections may stand in the stack itself, from the first on.
 * @param all how many there are, of which not all have room
 */
export function mostThatFit(all: number, fits: (unnested: number) => boolean): number {
  let [least, most] = [0, all - 1];
  while (least < most) {
    const middle = Math.ceil((least + most) / 2);
    if (fits(middle)) least = middle;
    else most = middle - 1;
  }
  return least;
}

/** That a connection has moved shows in its functions and alarms: the person who deploys is to know it before. */
export function tellOfNested(deployment: Construct, connections: readonly string[]): void {
  if (connections.length === 0) return;
  Annotations.of(deployment).addInfo(
    `pagekeeper: in nested stacks of their own are ${connections.join(', ')}; the resources of all do not fit into one.`,
  );
}

/** The stack, and those that are nested below. */
export function stacksIn(construct: Construct): readonly Stack[] {
  return construct.node.findAll().filter((one) => Stack.isStack(one));
}

/**
 * The id of an output that has to be known by its name: with the ids of the constructs it is in before it, so that one
 * stack may have several deployments.
 * @param deployment what all parts of a deployment are in
 */
export function outputId(deployment: Construct, name: string): string {
  return Stack.isStack(deployment) ? name : `${Names.nodeUniqueId(deployment.node)}${name}`.slice(-255);
}
