import type { Connector, Paging, StreamDefinition } from '../../lib/connectors/connector.ts';

const pageSize = { default: 20, max: 100 } as const;

function list(path: string, paging: Paging, more: Partial<StreamDefinition> = {}): StreamDefinition {
  return {
    about: 'a made-up row',
    method: 'GET',
    path,
    items: { path: ['data'] },
    id: [[['id']]],
    paging,
    grade: 'vendor',
    ...more,
  };
}

const posted = { method: 'POST', body: { sort: 'id' } } as const;

/** A vendor that does not exist, with a list of each way of paging that the others have not. */
export const pagingVendor: Connector = {
  name: 'pages',
  title: 'Pages',
  baseUrl: 'https://api.pages.example/v2',
  authentication: { kind: 'header', header: 'Pages-Token', field: 'token' },
  limitScope: 'account',
  limitsPerMinute: {},
  timeoutSeconds: 30,
  streams: {
    numbered: list(
      '/numbered',
      { kind: 'page', page: 'page', first: 1, limit: 'per_page', total: ['total'], pageSize },
      { default: true },
    ),
    'numbered-from-0': list('/numbered-from-0', {
      ...{ kind: 'page', page: 'page', first: 0, limit: 'size', pages: ['page', 'totalPages'], pageSize },
    }),
    'numbered-in-body': list(
      '/numbered-in-body',
      { kind: 'page', page: 'number', first: 1, limit: 'size', within: ['page'], more: ['more'], pageSize },
      posted,
    ),
    'numbered-without-size': list(
      '/numbered-without-size',
      { kind: 'page', page: 'page', first: 1, total: ['count'] },
      { query: { state: 'all' } },
    ),
    'numbered-by-more': list('/numbered-by-more', {
      ...{ kind: 'page', page: 'page', first: 1, more: ['meta', 'has_more'] },
    }),
    'offset-in-body': list(
      '/offset-in-body',
      {
        ...{ kind: 'offset', limit: 'limit', offset: 'offset', within: [], total: ['meta', 'total'] },
        more: ['meta', 'has_more'],
        pageSize,
      },
      posted,
    ),
    'short-page': list('/short-page', {
      ...{ kind: 'offset', limit: 'limit', offset: 'offset', short: 'last', pageSize },
    }),
    'next-url': list(
      '/next-url',
      { kind: 'link', limit: 'limit', next: [['links', 'next'], ['next']], pageSize },
      { query: { state: 'all, and more' }, default: true },
    ),
    'next-header': list(
      '/next-header/{parent}',
      { kind: 'link', next: 'header' },
      {
        items: { path: [] },
        parents: { param: 'groups', as: 'group' },
        params: { groups: { meaning: 'ids of groups', pattern: '.+', many: true } },
        id: [[['group']], [['id']]],
      },
    ),
    'by-key': list(
      '/by-key',
      { kind: 'keyset', limit: 'limit', after: { starting_after: ['place'] }, bound: 'exclusive', pageSize },
      { default: true },
    ),
    'by-key-and-more': list('/by-key-and-more', {
      ...{ kind: 'keyset', limit: 'limit', after: { starting_after: ['place'] }, bound: 'exclusive' },
      more: ['has_more'],
      pageSize,
    }),
    'from-key-in-body': list(
      '/from-key-in-body',
      {
        ...{ kind: 'keyset', limit: 'limit', after: { from: ['sort', 'place'] }, bound: 'inclusive' },
        within: ['page'],
        pageSize,
      },
      posted,
    ),
    'cursor-and-more': list('/cursor-and-more', {
      ...{ kind: 'cursor', limit: 'limit', cursor: 'cursor', next: [['cursor']], more: ['has_more'] },
      pageSize,
    }),
  },
};
