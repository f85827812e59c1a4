/** How the coordinator calls a worker. */
import type { InvokeRequest, InvokeResponse } from './invoke.js';

export interface WorkerAddress {
  readonly id: string;
  /** Base URL, such as http://127.0.0.1:9001 */
  readonly address: string;
}

export interface InvokeOptions {
  /** Ends the exchange; until then an answer is waited for. */
  readonly signal: AbortSignal;
  /**
   * Called when the worker announces a fault that it is about to inject, even where no answer follows; once for each
   * where an invoke meets several, that which the history shows first.
   */
  readonly onFault: (fault: string) => void;
  readonly traceparent?: string | undefined;
}

export interface FunctionClient {
  /**
   * Waits for the answer as long as the exchange's signal lets it.
   * @throws WorkerUnreachableError where no connection came about, InvokeFailedError for all else.
   */
  invoke(worker: WorkerAddress, request: InvokeRequest, invokeCall: InvokeOptions): Promise<InvokeResponse>;
  /** Whether `GET /healthz` answered 200 within `timeoutMs`. */
  isHealthy(worker: WorkerAddress, timeoutMs: number): Promise<boolean>;
}
