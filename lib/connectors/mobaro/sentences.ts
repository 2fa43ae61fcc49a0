/** Of "Handling errors, rate limits and retry logic"; how they stand in a body is not shown. */
export const sentences = [
  'Unauthorized',
  'Not Found',
  'Too Many Requests',
  'Service Unavailable',
  'Resource or route not found',
  'You hit a rate limit',
  'Temporary service issue',
];
