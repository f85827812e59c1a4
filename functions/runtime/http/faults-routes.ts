/** `/faults`: the fault plan, live. */
import { Router, type RequestHandler } from 'express';
import { putFaultsSchema } from '../../../contracts/worker/faults.js';
import type { LiveFaults } from '../faults/live-faults.js';
import { parseInput } from '../../../infra/http/problem.js';
import { jsonBody } from './json-body.js';

export function faultsRoutes(faults: LiveFaults, workerId: string): Router {
  const show: RequestHandler = (_request, response) => void response.json(faults.view(workerId));
  return Router()
    .get('/', show)
    .put(
      '/',
      ...jsonBody,
      ({ body }, _response, next) => {
        const { faults: plan, ...limits } = parseInput(putFaultsSchema, body);
        faults.set(plan, limits);
        next();
      },
      show,
    )
    .delete(
      '/',
      (_request, _response, next) => {
        faults.clear();
        next();
      },
      show,
    );
}
