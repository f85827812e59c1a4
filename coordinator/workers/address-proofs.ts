/**
 * Shows that a worker's record in the table was written by a coordinator, to which the worker had shown the worker token. Texts
 * and token go where a record says, so what merely can write to the table must not be able to send them anywhere.
 */
import { createHmac } from 'node:crypto';
import { secretCheck } from '../../contracts/http/bearer.js';
import type { WorkerRecord } from '../../contracts/worker/worker.js';

export class AddressProofs {
  readonly #workerToken: string;

  constructor(workerToken: string) {
    this.#workerToken = workerToken;
  }

  /** HMAC-SHA256 of id and address under the worker token, as base64url. */
  sign(id: string, address: string): string {
    return createHmac('sha256', this.#workerToken)
      .update(JSON.stringify([id, address]))
      .digest('base64url');
  }

  verify({ id, address, proof }: Pick<WorkerRecord, 'id' | 'address' | 'proof'>): boolean {
    return secretCheck(this.sign(id, address))(proof);
  }
}
