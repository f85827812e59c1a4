/** `GET /events` and `GET /tasks/:id/events`: server-sent events. */
import { Router } from 'express';
import type { Logger } from '../../contracts/system/logger.js';
import { LiveFeed } from '../live/live-feed.js';
import type { StatsViewPorts } from '../stats/stats-view.js';
import type { Coordinator } from '../coordinator.js';
import type { BatchTimeouts } from '../ledger/rewrite-batch.js';
import type { WorkerPorts } from '../workers/read-workers.js';
import { feedRoute } from './feed-route.js';
import { OpenStreams } from './open-streams.js';
import type { Stopping } from './stopping.js';
import { taskEventsRoute } from './task-events-route.js';

export interface EventPorts {
  readonly coordinator: Pick<Coordinator, 'find' | 'follow'>;
  readonly stats: StatsViewPorts;
  readonly workers: WorkerPorts;
  readonly logger: Logger;
}

export function eventRoutes(ports: EventPorts, durations: BatchTimeouts, stopping: Stopping): Router {
  const { logger, coordinator, stats } = ports;
  const streams = new OpenStreams(stats.clock, stopping);
  const feed = new LiveFeed({ ...stats, ...ports.workers, logger }, durations.visibilityTimeoutMs);
  const router = Router();
  router.get('/events', feedRoute(feed, streams));
  router.get('/tasks/:id/events', taskEventsRoute(coordinator, streams));
  return router;
}
