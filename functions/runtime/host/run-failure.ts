/** Why a run of the function failed. */
import {
  FUNCTION_EXITED,
  FUNCTION_FAILED,
  FUNCTION_OUT_OF_MEMORY,
  FUNCTION_TIMED_OUT,
  INVALID_OUTPUT,
} from '../../../contracts/worker/invoke.js';
import { messageOf } from '../../../contracts/common/text.js';

/** Why the function was ended or ended by itself. */
export type FunctionEndCode =
  typeof FUNCTION_TIMED_OUT | typeof FUNCTION_OUT_OF_MEMORY | typeof FUNCTION_EXITED;
export type RunFailureCode = FunctionEndCode | typeof FUNCTION_FAILED | typeof INVALID_OUTPUT;

export class RunFailure extends Error {
  override readonly name = 'RunFailure';
  readonly code: RunFailureCode;
  /** Stack of the error that the function threw. */
  readonly functionStack: string | undefined;

  constructor(code: RunFailureCode, message: string, functionStack?: string) {
    super(message);
    this.code = code;
    this.functionStack = functionStack;
  }
}

export function toRunFailure(thrown: unknown): RunFailure {
  return thrown instanceof RunFailure ? thrown : new RunFailure(FUNCTION_FAILED, messageOf(thrown));
}
