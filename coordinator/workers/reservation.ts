/**
 * The right to one slot, from when it is reserved until it is released, once. Every other move throws.
 *
 *             takeBack               vacate
 *     lent <───────────> reserved <───────────> occupied (the slot of one worker)
 *               lend         │       occupy        │
 *                            └──────> released <───┘
 */
import { invariant } from '../../contracts/common/invariant.js';
import type { WorkerSnapshot } from './registry.js';

/** The slots that a reservation is one of. */
export interface SlotPool {
  /** Turns a reserved slot into one of a worker, unless no worker will do. */
  occupy(avoid: ReadonlySet<string>, except: ReadonlySet<string>): WorkerSnapshot | undefined;
  /** Turns the slot of a worker into a reserved one. */
  vacate(workerId: string): void;
  /** Ends a reservation. */
  unreserve(): void;
  /** Frees the slot of a worker. */
  free(workerId: string): void;
  /** Resolves when a slot is reserved again, before anything more is received. While stopping, none is waited for. */
  reserveWhenFree(stopping: AbortSignal): Promise<void>;
}

type State =
  | { readonly tag: 'reserved' }
  | { readonly tag: 'occupied'; readonly worker: WorkerSnapshot }
  | { readonly tag: 'lent' }
  | { readonly tag: 'released' };

export class Reservation {
  readonly #pool: SlotPool;
  #state: State = { tag: 'reserved' };

  /** Takes over a slot that is reserved in the pool already. */
  constructor(pool: SlotPool) {
    this.#pool = pool;
  }

  get isReleased(): boolean {
    return this.#state.tag === 'released';
  }

  /** Turns it into the slot of a worker; `undefined`, and it stays as it was, where no worker will do. */
  occupy(avoid: ReadonlySet<string>, except: ReadonlySet<string>): WorkerSnapshot | undefined {
    this.#require('reserved', 'occupy a worker');
    const worker = this.#pool.occupy(avoid, except);
    if (worker !== undefined) this.#state = { tag: 'occupied', worker };
    return worker;
  }

  /** Gives up the worker's slot, and is a reservation again. */
  vacate(): void {
    const { worker } = this.#require('occupied', 'vacate its worker');
    this.#state = { tag: 'reserved' };
    this.#pool.vacate(worker.id);
  }

  /** Lets others use the slot until it is taken back. */
  lend(): void {
    this.#require('reserved', 'be lent');
    this.#state = { tag: 'lent' };
    this.#pool.unreserve();
  }

  async takeBack(stopping: AbortSignal): Promise<void> {
    this.#require('lent', 'be taken back');
    await this.#pool.reserveWhenFree(stopping);
    this.#require('lent', 'be taken back');
    this.#state = { tag: 'reserved' };
  }

  /** Gives up the slot, of a worker or not. */
  release(): void {
    const state = this.#state;
    invariant(state.tag === 'reserved' || state.tag === 'occupied', () => refusal(state, 'be released'));
    this.#state = { tag: 'released' };
    if (state.tag === 'occupied') this.#pool.free(state.worker.id);
    else this.#pool.unreserve();
  }

  #require<Tag extends State['tag']>(tag: Tag, move: string): Extract<State, { readonly tag: Tag }> {
    const state = this.#state;
    invariant(isTagged(state, tag), () => refusal(state, move));
    return state;
  }
}

function isTagged<Tag extends State['tag']>(
  state: State,
  tag: Tag,
): state is Extract<State, { readonly tag: Tag }> {
  return state.tag === tag;
}

function refusal({ tag }: State, move: string): string {
  return `a reservation that is ${tag} cannot ${move}`;
}
