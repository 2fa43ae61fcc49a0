/** For whoever writes a connector, or begins with one of those that there are: `pagekeeper/connector`. Nothing of the CDK is in here. */
export * from './connector.ts';
export { bob } from './bob/bob.ts';
export { mobaro } from './mobaro/mobaro.ts';
