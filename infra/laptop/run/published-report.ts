import { z } from 'zod';

const schema = z.object({
  message: z.literal('published'),
  objects: z.array(z.object({ stream: z.string(), key: z.string(), lines: z.int().nonnegative() })),
});

/** An object of the change log that has been written. */
export type PublishedObject = z.infer<typeof schema>['objects'][number];

/** What a line of publish-changes says that it has written; null where it is another line. @param entry the line, parsed */
export function publishedIn(entry: unknown): readonly PublishedObject[] | null {
  return schema.safeParse(entry).data?.objects ?? null;
}
