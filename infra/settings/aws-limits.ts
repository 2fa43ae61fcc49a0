/** What AWS allows, as its pages on quotas have it: of a stack, of a function, and of policies in characters. */
export const awsLimits = {
  resources: 500,
  /** In bytes. */
  template: 1_000_000,
  /** Of a function, in bytes. */
  environment: 4096,
  /** Of all inline policies of a role. */
  inline: 10_240,
  /** Of a queue, the least of those that have one. */
  resource: 8192,
  parameters: 200,
  outputs: 200,
} as const;
