/**
 * An item that cannot be decoded, since somebody else wrote to the table, must not take its neighbors with it: lists
 * leave it out. Each is told of once.
 */
import { BoundedSet } from '../../contracts/common/bounded-set.js';
import { UnreadableItemError } from '../../contracts/errors/errors.js';
import { messageOf } from '../../contracts/common/text.js';

export interface UnreadableItem {
  readonly table: string;
  readonly key: string;
  readonly error: string;
}

/** Beyond that, what was told of first may be told of again. */
const MAX_REPORTED = 1000;

export class UnreadableItems {
  readonly #onUnreadable: (item: UnreadableItem) => void;
  readonly #reported = new BoundedSet(MAX_REPORTED);

  constructor(onUnreadable: (item: UnreadableItem) => void = () => undefined) {
    this.#onUnreadable = onUnreadable;
  }

  /** Those items that can be decoded. */
  decodeAll<Item, T>(
    table: string,
    items: readonly Item[],
    keyOf: (item: Item) => string | undefined,
    decode: (item: Item) => T,
  ): T[] {
    return items.flatMap((item) => {
      try {
        return [decode(item)];
      } catch (error) {
        this.#report({ table, key: keyOf(item) ?? '', error: messageOf(error) });
        return [];
      }
    });
  }

  /** @throws UnreadableItemError */
  decodeOne<Item, T>(table: string, item: Item, key: string, decode: (item: Item) => T): T {
    try {
      return decode(item);
    } catch (error) {
      this.#report({ table, key, error: messageOf(error) });
      throw new UnreadableItemError(`an item of ${table} cannot be read: ${messageOf(error)}`, {
        cause: error,
      });
    }
  }

  #report(item: UnreadableItem): void {
    if (this.#reported.add(`${item.table}/${item.key}`)) this.#onUnreadable(item);
  }
}
