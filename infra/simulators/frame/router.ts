/** `path` is a literal, or ends in `/*` and takes any rest that is not empty, slashes included. */
export interface Route<Handler> {
  readonly method: string;
  readonly path: string;
  readonly handle: Handler;
}

export type Match<Handler> =
  | { readonly kind: 'found'; readonly route: Route<Handler>; readonly rest: string }
  /** The path is known, but not with this method. */
  | { readonly kind: 'other-method'; readonly allowed: readonly string[] }
  | { readonly kind: 'unknown' };

/** The first route that takes the path: literals go before wildcards. */
export function findRoute<Handler>(
  routes: readonly Route<Handler>[],
  method: string,
  path: string,
): Match<Handler> {
  const taking = routes.flatMap((route) => {
    const rest = restOf(route.path, path);
    return rest === null ? [] : [{ kind: 'found' as const, route, rest }];
  });
  const found = taking.find(({ route }) => route.method === method);
  if (found) return found;
  if (taking.length > 0) return { kind: 'other-method', allowed: taking.map(({ route }) => route.method) };
  return { kind: 'unknown' };
}

function restOf(template: string, path: string): string | null {
  if (!template.endsWith('/*')) return template === path ? '' : null;
  const stem = template.slice(0, -1);
  if (!path.startsWith(stem) || path.length === stem.length) return null;
  try {
    return decodeURIComponent(path.slice(stem.length));
  } catch {
    return null;
  }
}
