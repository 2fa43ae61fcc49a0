/** What every field of a new secret holds until a person puts the vendor's value there. */
export const secretPlaceholder = 'REPLACE_ME';
