/** `GET /events`: statistics of every second, as they arrive. */
import type { Request, RequestHandler } from 'express';
import { eventsQuerySchema } from '../../contracts/http/api.js';
import { MAX_REPLAY_SECONDS } from '../../contracts/http/live.js';
import type { LiveFeed, Reading } from '../live/live-feed.js';
import { StatsCursor } from '../live/stats-cursor.js';
import type { EventStream } from './event-stream.js';
import type { OpenStreams } from './open-streams.js';
import { parseInput } from '../../infra/http/problem.js';

export function feedRoute(feed: LiveFeed, streams: OpenStreams): RequestHandler {
  return (request, response) => {
    const { history } = parseInput(eventsQuerySchema, request.query);
    const cursor = startingPoint(request, feed.lastOver(), history);
    let stopListening: () => void = () => undefined;
    const stream = streams.open(response, () => stopListening());
    if (request.method === 'HEAD') stream?.end();
    if (stream?.isOpen !== true) return;
    const client = new FeedClient(feed, stream, cursor);
    stopListening = feed.listen((reading) => client.take(reading));
  };
}

/** Where the client left off, as far back as data is kept, else as much of the past as it asks for. */
function startingPoint(request: Request, lastOver: number, history: number): StatsCursor {
  const oldest = lastOver - MAX_REPLAY_SECONDS;
  const cursor = StatsCursor.parse(request.get('last-event-id') ?? '', lastOver);
  if (cursor === undefined) return StatsCursor.before(lastOver - history + 1);
  return cursor.latest < oldest ? StatsCursor.before(oldest + 1) : cursor;
}

class FeedClient {
  readonly #feed: LiveFeed;
  readonly #stream: EventStream;
  readonly #cursor: StatsCursor;
  #past: 'unread' | 'reading' | 'read';
  #latest: Reading | undefined;
  #trouble = JSON.stringify({ unread: [] });

  constructor(feed: LiveFeed, stream: EventStream, cursor: StatsCursor) {
    this.#feed = feed;
    this.#stream = stream;
    this.#cursor = cursor;
    this.#past = cursor.latest < feed.lastOver() ? 'unread' : 'read';
  }

  /** The replay comes first: no second is sent before the table was read. */
  take(reading: Reading): void {
    this.#latest = reading;
    if (this.#stream.isBehind) return;
    if (this.#past === 'unread') void this.#readPast();
    if (this.#past === 'read') this.#sendSeconds(reading.upTo);
    const { workers, tasks, trouble } = reading;
    if (workers !== undefined) this.#stream.send({ event: 'workers', data: workers });
    if (tasks !== undefined) this.#stream.send({ event: 'tasks', data: tasks });
    if (trouble !== this.#trouble) this.#stream.send({ event: 'trouble', data: trouble });
    this.#trouble = trouble;
  }

  async #readPast(): Promise<void> {
    this.#past = 'reading';
    try {
      await this.#feed.readHistory();
      this.#past = 'read';
    } catch {
      this.#past = 'unread'; // retried with the next reading, which reports the trouble
    }
    if (this.#past === 'read' && this.#latest !== undefined) this.#sendSeconds(this.#latest.upTo);
  }

  #sendSeconds(upTo: number): void {
    const { seconds } = this.#feed;
    for (const { second, id } of this.#cursor.advance(upTo, (at) => seconds.rowsIn(at))) {
      this.#stream.send({ event: 'stats', id, data: seconds.json(second) });
    }
  }
}
