/** `GET /metrics` */
import type { RequestHandler } from 'express';
import type { Clock } from '../../contracts/system/clock.js';
import { SharedReading } from '../async/shared-reading.js';
import type { Metrics } from './metrics.js';

export function metricsRoute(metrics: Metrics, clock: Clock): RequestHandler {
  const rendering = new SharedReading(clock, () => metrics.render());
  return async (_request, response) => {
    const text = await rendering.get();
    response.writeHead(200, {
      'Content-Type': metrics.contentType,
      'Content-Length': Buffer.byteLength(text),
      'Cache-Control': 'no-store',
    });
    response.end(text);
  };
}
