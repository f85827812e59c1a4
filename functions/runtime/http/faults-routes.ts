/** `/faults`: the fault plan, live. */
import { Router } from 'express';
import { z } from 'zod';
import { FAULT_PROFILES, faultsText, listFaults, printFaults } from '../../../contracts/faults.js';
import type { Logger } from '../../../contracts/ports.js';
import type { LiveFaults } from '../live-faults.js';
import { readJsonBody, validBody } from './json-body.js';

const putFaultsSchema = z.strictObject({ faults: faultsText });

export function faultsRoutes(faults: LiveFaults, workerId: string, logger: Logger): Router {
  const show = () => ({ workerId, faults: printFaults(faults.plan), list: listFaults(faults.plan) });
  const change = (plan: LiveFaults['plan']) => {
    faults.plan = plan;
    logger.info(show(), 'faults.changed');
    return show();
  };
  return Router()
    .get('/', (_request, response) => void response.json(show()))
    .put('/', ...readJsonBody, (request, response) => {
      response.json(change(validBody(putFaultsSchema, request.body).faults));
    })
    .delete('/', (_request, response) => void response.json(change(FAULT_PROFILES.none)));
}
