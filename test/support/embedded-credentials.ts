/** For SDK clients of embedded servers, which take any. */
export const embeddedCredentials = {
  region: 'eu-central-1',
  credentials: { accessKeyId: 'embedded', secretAccessKey: 'embedded' },
};
