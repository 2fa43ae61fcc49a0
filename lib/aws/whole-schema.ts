import type { z } from 'zod';

/** With every field required, so that one that may be absent is missed as well. */
type Whole<Value> = Value extends readonly (infer Item)[]
  ? readonly Whole<Item>[]
  : Value extends object
    ? { readonly [Key in keyof Value]-?: Whole<Value[Key]> }
    : Value;

/** `unknown`, or what the compiler is to say. */
type Same<One, Other> = [Whole<One>] extends [Whole<Other>]
  ? [Whole<Other>] extends [Whole<One>]
    ? unknown
    : 'the schema lacks something'
  : 'the schema lacks something';

/**
 * The schema as it is: `wholeSchemaOf<Checkpoint>()(schema)`. The compiler refuses one that lacks a field or a kind of
 * `Value`, also a field that may be absent: zod drops what a schema does not name, and it would be stored and never read.
 */
export function wholeSchemaOf<Value>() {
  return <Schema extends z.ZodType<Value>>(schema: Schema & Same<z.output<Schema>, Value>): Schema => schema;
}
