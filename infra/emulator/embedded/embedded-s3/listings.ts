import type { Bucket } from './bucket.ts';
import { listObjects, type Listing } from './list-objects.ts';
import { S3Error } from './s3-error.ts';
import { mustBeKnown, type S3Request } from './s3-request.ts';
import { documentOf, type Xml } from './xml.ts';

/** As S3 has it: no more on one page, whatever is asked for. */
const mostKeys = 1000;

const queries = [
  ...['list-type', 'prefix', 'delimiter', 'start-after', 'max-keys', 'continuation-token', 'encoding-type'],
];

/** ListObjectsV2. @returns its answer. @throws S3Error */
export async function list(request: S3Request, bucket: Bucket): Promise<string> {
  mustBeKnown(request, { queries });
  const { query } = request;
  const given = (name: string) => query.get(name) ?? '';
  const token = query.get('continuation-token');
  const encoded = encodingIn(given('encoding-type'));
  const maxKeys = Math.min(mostKeys, numberIn(query.get('max-keys')));
  const listing = await listObjects(bucket, {
    prefix: given('prefix'),
    delimiter: given('delimiter'),
    after: token === null ? given('start-after') : keyIn(token),
    isContinued: token !== null,
    maxKeys,
  });
  const asked: Xml[] = (
    [
      ['Delimiter', 'delimiter'],
      ['StartAfter', 'start-after'],
    ] as const
  ).flatMap(([name, parameter]) =>
    query.has(parameter) ? [[name, encoded(given(parameter))] as const] : [],
  );
  return documentOf([
    'ListBucketResult',
    [
      ['Name', request.bucket],
      ['Prefix', encoded(given('prefix'))],
      ...asked,
      ['MaxKeys', maxKeys],
      ...(query.has('encoding-type') ? [['EncodingType', 'url'] as const] : []),
      ...(token === null ? [] : [['ContinuationToken', token] as const]),
      ...entriesOf(listing, encoded),
    ],
  ]);
}

function entriesOf({ objects, prefixes, count, next }: Listing, encoded: (text: string) => string): Xml[] {
  return [
    ['KeyCount', count],
    ['IsTruncated', next !== null],
    ...(next === null ? [] : [['NextContinuationToken', tokenOf(next)] as const]),
    ...objects.map(({ key, size, etag, modifiedAt }): Xml => [
      'Contents',
      [
        ['Key', encoded(key)],
        ['LastModified', modifiedAt.toISOString()],
        ['ETag', `"${etag}"`],
        ['Size', size],
        ['StorageClass', 'STANDARD'],
      ],
    ]),
    ...prefixes.map((prefix): Xml => ['CommonPrefixes', [['Prefix', encoded(prefix)]]]),
  ];
}

/** Not the key as it is: nobody is to make one up. */
function tokenOf(key: string): string {
  return Buffer.from(key).toString('base64url');
}

function keyIn(token: string): string {
  return Buffer.from(token, 'base64url').toString();
}

function encodingIn(type: string): (text: string) => string {
  if (type === '') return (text) => text;
  if (type !== 'url') throw invalid('Invalid Encoding Method specified in Request');
  return (text) => encodeURIComponent(text).replaceAll('%2F', '/');
}

function numberIn(text: string | null): number {
  if (text === null) return mostKeys;
  if (!/^\d+$/.test(text)) throw invalid('Provided max-keys not an integer or within integer range');
  return Number(text);
}

function invalid(message: string): S3Error {
  return new S3Error(400, 'InvalidArgument', message);
}
