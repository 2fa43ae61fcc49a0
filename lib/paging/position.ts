/** Where the next page starts; null is the beginning. Stored in the checkpoint as it is: plain JSON. */
export type Position =
  { readonly kind: 'offset'; readonly offset: number } | { readonly kind: 'cursor'; readonly cursor: string };
