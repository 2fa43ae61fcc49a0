/** What is planted in every secret, id and field, so that it can be looked for where it must not be. */
export const secretMark = 'SECRETMARK';
export const rowMark = 'ROWMARK';
export const fieldMark = 'FIELDMARK';
