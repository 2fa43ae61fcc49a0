/**
 * Of this package; a test holds it to package.json. It is not read from there: what is compiled lies a folder deeper, and
 * a bundle has no package.json beside it.
 */
export const version = '0.2.0';
