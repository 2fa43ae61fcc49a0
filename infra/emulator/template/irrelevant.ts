import { z } from 'zod';

import { isIntrinsic, isObject } from './intrinsics.ts';

/** Why something that a template says has no meaning on a laptop. */
const reasons = z.registry<{ readonly reason: string }>();

/** A property that the local runner leaves out on purpose, for the reason given. */
export function irrelevant(reason: string): z.ZodOptional<z.ZodUnknown> {
  return z.unknown().optional().register(reasons, { reason });
}

/** Leaves out what is irrelevant before anything is resolved: it may refer to what does not exist here. */
export function withoutIrrelevant(schema: z.core.$ZodType, value: unknown): unknown {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault) {
    return withoutIrrelevant(schema.unwrap(), value);
  }
  if (schema instanceof z.ZodArray && Array.isArray(value)) {
    return value.map((item) => withoutIrrelevant(schema.element, item));
  }
  if (!(schema instanceof z.ZodObject) || !isObject(value) || isIntrinsic(value)) return value;
  const shape: Readonly<Record<string, z.core.$ZodType>> = schema.shape;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => !(shape[key] !== undefined && reasons.has(shape[key])))
      .map(([key, item]) => [key, shape[key] === undefined ? item : withoutIrrelevant(shape[key], item)]),
  );
}
