/** Carries out injected faults. */
import type { Response } from 'express';
import type { DrawnFault } from '../faults/fault-plan.js';
import { sendProblemDocument } from '../../../infra/http/problem.js';
import { FUNCTION_FAULTS, type FunctionFault } from '../host/function-messages.js';

/** Faults of an invoke that runs. They change its answer, its time, or its run. */
export type RunningFault = Extract<DrawnFault, { kind: 'partial' | 'late' | FunctionFault }>;
/** Faults that replace the run. */
export type ReplacingFault = Exclude<DrawnFault, RunningFault>;

export function isFunctionFault(kind: DrawnFault['kind']): kind is FunctionFault {
  return FUNCTION_FAULTS.some((fault) => fault === kind);
}

export function runsInvoke(fault: DrawnFault): fault is RunningFault {
  const { kind } = fault;
  return kind === 'partial' || kind === 'late' || isFunctionFault(kind);
}

export function endInvoke({ kind }: ReplacingFault, response: Response, crash: () => void): void {
  switch (kind) {
    case 'crash':
    case 'poison':
      crash();
      break;
    case 'drop':
      response.socket?.resetAndDestroy();
      break;
    case 'error':
      sendProblemDocument(response, 500, {
        status: 500,
        detail: 'injected fault: error',
        code: 'injected_error',
      });
      break;
    case 'garbage':
      response.type('application/json').send('{"outcomes":[{"taskId":');
      break;
    case 'hang':
      break; // never answers
    default:
      kind satisfies never;
  }
}
