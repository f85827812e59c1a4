/**
 * LevelDB finds a key in microseconds, mostly in its own memory; handing the search to the thread pool and waiting for
 * the thread's turn costs many times that on a busy machine. dynalite reads twice for every call.
 */
import { ClassicLevel } from 'classic-level';

interface Reads {
  _get(key: unknown, options: unknown): Promise<unknown>;
  _getSync(key: unknown, options: unknown): unknown;
}

export function readSynchronously(): void {
  const reads = ClassicLevel.prototype as unknown as Reads;
  reads._get = function (key, options) {
    return Promise.resolve(this._getSync(key, options));
  };
}
