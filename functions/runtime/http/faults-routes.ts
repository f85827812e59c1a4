/** `/faults`: the fault plan, live. */
import { Router, type RequestHandler } from 'express';
import { putFaultsSchema } from '../../../contracts/worker/faults.js';
import type { LiveFaults } from '../faults/live-faults.js';
import { readJsonBody, validBody } from './json-body.js';

export function faultsRoutes(faults: LiveFaults, workerId: string): Router {
  const show: RequestHandler = (_request, response) => void response.json(faults.view(workerId));
  return Router()
    .get('/', show)
    .put(
      '/',
      ...readJsonBody,
      ({ body }, _response, next) => {
        const { faults: plan, ...limits } = validBody(putFaultsSchema, body);
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
