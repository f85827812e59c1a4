/** What the process and its model thread say to each other. */
import type { FunctionRun } from './function-module.js';

/** How the thread is started. */
export interface ThreadData {
  /** URL of the function's module. */
  readonly functionUrl: string;
  readonly options: unknown;
}

export type MessageToThread =
  | { readonly type: 'run'; readonly id: number; readonly inputs: readonly string[] }
  | { readonly type: 'stop' };

export type MessageFromThread =
  | { readonly type: 'loaded'; readonly model: string; readonly listsAtOnce: number }
  | { readonly type: 'load-failed'; readonly message: string }
  | { readonly type: 'ran'; readonly id: number; readonly run: FunctionRun }
  | { readonly type: 'run-failed'; readonly id: number; readonly message: string };
