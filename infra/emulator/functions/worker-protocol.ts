/** What the runner and a worker say to each other. Payloads are JSON texts: that is what Lambda hands over, too. */

export interface WorkerData {
  /** Absolute path of the module. */
  readonly file: string;
  readonly handler: string;
}

export interface InvocationContext {
  readonly awsRequestId: string;
  readonly functionName: string;
  readonly invokedFunctionArn: string;
  readonly memoryLimitInMB: string;
  readonly logGroupName: string;
  readonly logStreamName: string;
}

export interface InvokeRequest {
  readonly id: number;
  readonly event: string;
  readonly context: InvocationContext;
  /** Epoch milliseconds. */
  readonly deadline: number;
}

export interface FunctionError {
  readonly name: string;
  readonly message: string;
}

export type WorkerMessage =
  | { readonly kind: 'ready' }
  | { readonly kind: 'unusable'; readonly error: FunctionError }
  /** `value` is undefined where the handler returned what JSON cannot say. */
  | { readonly kind: 'returned'; readonly id: number; readonly value: string | undefined }
  | { readonly kind: 'threw'; readonly id: number; readonly error: FunctionError };
