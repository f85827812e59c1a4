/**
 * dynalite throws what its database refuses where nobody catches it, which would end the process, and the queue with it.
 * Errors are given the form in which dynalite answers its own instead: status 500.
 */
import type { Store } from 'dynalite/db/index.js';
import { STORAGE_ERRORS } from '../../contracts/errors/stack-refusal.js';
import { isOutOfRoom } from '../process/private-folder.js';
import { isStorageError } from './store-recovery.js';

export interface StoreListener {
  /** A write that the kernel has. */
  readonly onWritten: () => void;
  readonly onFailure: (operation: 'read' | 'write', error: unknown) => void;
  /** Why nothing may be written now; nothing where all is well. */
  readonly refusal: () => Error | undefined;
}

type Callback = (error: unknown, value?: unknown) => void;
type Operation = (...given: unknown[]) => Promise<unknown>;
type Iterate = (...given: unknown[]) => { next: () => Promise<unknown> };
type Methods = Record<'put' | 'del' | 'batch' | 'get', Operation> & Record<'keys' | 'values', Iterate>;

export function guardStore({ db }: Store, listener: StoreListener): void {
  const methods = db as unknown as Methods;
  const write = (operation: Operation): Operation => {
    return async (...given) => {
      const refusal = listener.refusal();
      if (refusal !== undefined) throw asServerError(refusal, storageErrorOf(refusal));
      try {
        const result = await operation(...given);
        listener.onWritten();
        return result;
      } catch (error) {
        listener.onFailure('write', error);
        throw asServerError(error, isStorageError(error) ? storageErrorOf(error) : undefined);
      }
    };
  };
  const read = (operation: Operation): Operation => {
    return async (...given) => {
      try {
        return await operation(...given);
      } catch (error) {
        listener.onFailure('read', error);
        throw asServerError(error);
      }
    };
  };
  for (const name of ['put', 'del', 'batch'] as const) {
    methods[name] = withCallback(write(methods[name].bind(methods)));
  }
  methods.get = withCallback(read(methods.get.bind(methods)));
  for (const name of ['keys', 'values'] as const) {
    const iterate = methods[name].bind(methods);
    methods[name] = (...given) => {
      try {
        const iterator = iterate(...given);
        iterator.next = read(iterator.next.bind(iterator));
        return iterator;
      } catch (error) {
        listener.onFailure('read', error); // closed, until it is open again
        return { next: () => Promise.reject(asServerError(error)) };
      }
    };
  }
}

/** With a callback at the end, as dynalite calls it, or without. */
function withCallback(operation: Operation): Operation {
  return (...given) => {
    const callback = given.at(-1);
    if (typeof callback !== 'function') return operation(...given);
    const done = callback as Callback;
    return operation(...given.slice(0, -1)).then(
      (value) => void setImmediate(done, null, value),
      (error: unknown) => void setImmediate(done, error),
    );
  };
}

/** By name, so that a coordinator can tell its clients why it takes nothing in. */
function storageErrorOf(error: unknown): string {
  return isOutOfRoom(error) ? STORAGE_ERRORS.storage_full : STORAGE_ERRORS.storage_failed;
}

function asServerError(error: unknown, type = 'InternalServerError'): Error {
  const known = error instanceof Error ? error : new Error(String(error));
  const body = {
    __type: `com.amazonaws.dynamodb.v20120810#${type}`,
    message: `The database of the embedded stack failed: ${known.message}`,
  };
  return Object.assign(known, { statusCode: 500, body });
}
