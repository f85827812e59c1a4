/** `GET /stats` */
import { Router } from 'express';
import { readStats, type StatsViewPorts } from '../stats/stats-view.js';
import { readInTime } from '../async/read-in-time.js';
import { sendJson } from '../../infra/http/send-json.js';
import { SharedReading } from '../async/shared-reading.js';

export function statsRoute(ports: StatsViewPorts, visibilityTimeoutMs: number): Router {
  const stats = new SharedReading(ports.clock, () => readStats(ports, visibilityTimeoutMs));
  const router = Router();
  router.get('/stats', async (_request, response) => {
    sendJson(response, 200, await readInTime(ports.clock, stats.get()));
  });
  return router;
}
