import { statSync } from 'node:fs';
import path from 'node:path';

import { App, NestedStack, type Stack, type AppProps, type StageSynthesisOptions } from 'aws-cdk-lib';
import type { CloudAssembly } from 'aws-cdk-lib/cx-api';

import { mostThatFit, resourcesOf, stacksIn, tellOfNested } from './constructs/room.ts';
import { PagekeeperStack } from './pagekeeper-stack.ts';
import { awsLimits } from './settings/aws-limits.ts';
import { metadataKey } from './settings/names.ts';
import { readSettings } from './settings/read-settings.ts';
import { SettingsError } from './settings/settings-error.ts';
import { parseSettings } from './settings/settings-schema.ts';
import type { Settings } from './settings/settings.ts';

/** The app that is deployed: one stack after its settings. */
export class PagekeeperApp extends App {
  readonly stack: PagekeeperStack;

  /**
   * @param props their context, or the `cdk` command, gives the settings under `pagekeeper`.
   * @throws SettingsError
   */
  constructor(props: AppProps) {
    super(props);
    const written = parseSettings(this.node.tryGetContext('pagekeeper'));
    this.stack = this.#stackOf(readSettings(written));
    // Where the command line finds what is deployed, whatever stands in cdk.json by then.
    this.stack.templateOptions.metadata = { [metadataKey]: written };
  }

  /** With as many connections in the stack itself as there is room for, from the first on. */
  #stackOf(settings: Settings): PagekeeperStack {
    const all = settings.connections.length;
    const simplest = this.#build(settings, settings.nested ? 0 : all);
    const stack = settings.nested || fits(simplest) ? simplest : this.#build(settings, this.#room(settings));
    for (const one of stacksIn(stack)) checkSize(one);
    if (!settings.nested) tellOfNested(stack, nestedIn(stack));
    return stack;
  }

  /** For how many connections: not for all. */
  #room(settings: Settings): number {
    return mostThatFit(settings.connections.length, (unnested) => fits(this.#build(settings, unnested)));
  }

  /** @throws SettingsError where a template is longer than CloudFormation takes it */
  override synth(options?: StageSynthesisOptions): CloudAssembly {
    const assembly = super.synth(options);
    for (const { templateFile } of stacksIn(this.stack)) {
      const { size } = statSync(path.join(assembly.directory, templateFile));
      if (size <= awsLimits.template) continue;
      throw new SettingsError(
        `pagekeeper.connections: make a template of ${String(size)} bytes, and CloudFormation takes ${String(awsLimits.template)}; ` +
          'choose shorter names and settings, or deploy some connections as another stage',
      );
    }
    return assembly;
  }

  /** In place of the one that there was. */
  #build(settings: Settings, unnested: number): PagekeeperStack {
    this.node.tryRemoveChild(settings.stackName);
    return new PagekeeperStack(this, settings.stackName, settings, unnested);
  }
}

function nestedIn(stack: PagekeeperStack): readonly string[] {
  return stacksIn(stack).flatMap((one) => (NestedStack.isNestedStack(one) ? [connectionOf(one)] : []));
}

function connectionOf(stack: NestedStack): string {
  return stack.node.scope?.node.id.replace(/^Connection-/, '') ?? '';
}

function fits(stack: PagekeeperStack): boolean {
  return resourcesOf(stack) <= awsLimits.resources;
}

/** @throws SettingsError before the CDK counts: it names no setting. */
function checkSize(stack: Stack): void {
  const resources = resourcesOf(stack);
  if (resources <= awsLimits.resources) return;
  const connection = NestedStack.isNestedStack(stack) ? connectionOf(stack) : undefined;
  const [path, advice] =
    connection === undefined
      ? ['pagekeeper.connections', 'deploy some connections as another stage']
      : [
          `pagekeeper.connections.${connection}.streams`,
          'choose fewer streams, or make two connections of it',
        ];
  throw new SettingsError(
    `${path}: make ${String(resources)} resources, and CloudFormation allows ${String(awsLimits.resources)} in a stack; ${advice}`,
  );
}
