/** The template asks for something that the local runner cannot do. The message names the resource and what it is. */
export class TemplateError extends Error {
  override readonly name = 'TemplateError';
}

const remedy = 'change the runner (infra/emulator/template) or list it there as irrelevant with a reason';

export function unknownType(logicalId: string, type: string): TemplateError {
  return new TemplateError(
    `The local runner does not know the resource type ${type} of ${logicalId}: ${remedy}.`,
  );
}

export function unknownProperty(logicalId: string, type: string, property: string): TemplateError {
  return new TemplateError(
    `The local runner does not know the property ${property} of ${logicalId} (${type}): ${remedy}.`,
  );
}

export function wrongProperty(
  logicalId: string,
  type: string,
  property: string,
  problem: string,
): TemplateError {
  return new TemplateError(`The local runner cannot use ${property} of ${logicalId} (${type}): ${problem}.`);
}

export function unusable(logicalId: string, type: string, problem: string): TemplateError {
  return new TemplateError(`The local runner cannot use ${logicalId} (${type}): ${problem}.`);
}
