/**
 * Computes what a table's indexes are billed for, which DynamoDB tells and emulators do not: an entry that comes or goes is one
 * write, one that changes its key two. Entries hold keys only, so each is far below 1 KB.
 */
import type { TableResource } from '../../resources/resources.js';
import type { Item } from '../stack-calls.js';

type Values = Readonly<Record<string, string>>;

/** An index's name, and what it is keyed by. */
interface IndexKeys {
  readonly indexName: string;
  readonly attributes: readonly string[];
}

export class IndexWrites {
  readonly #keyAttribute: string;
  readonly #indexes: readonly IndexKeys[];
  /** By item, then by index: what stands there. */
  readonly #entries = new Map<string, Values>();

  constructor({ createTable: { KeySchema, GlobalSecondaryIndexes = [] } }: TableResource) {
    this.#keyAttribute = KeySchema[0]?.AttributeName ?? '';
    this.#indexes = GlobalSecondaryIndexes.map(({ IndexName, KeySchema: keys }) => ({
      indexName: IndexName,
      attributes: keys.map(({ AttributeName }) => AttributeName),
    }));
  }

  /** @returns the index writes that this write of the item caused */
  countWrites(item: Item): number {
    if (this.#indexes.length === 0) return 0;
    const id = item[this.#keyAttribute]?.S ?? '';
    const before = this.#entries.get(id) ?? {};
    const after = this.#entriesOf(item);
    this.#entries.set(id, after);
    return this.#indexes.reduce(
      (sum, { indexName }) => sum + writesOf(before[indexName], after[indexName]),
      0,
    );
  }

  #entriesOf(item: Item): Values {
    return Object.fromEntries(
      this.#indexes.flatMap(({ indexName, attributes }) => {
        const keys = attributes.map((name) => item[name]?.S ?? item[name]?.N);
        return keys.includes(undefined) ? [] : [[indexName, keys.join(' ')]];
      }),
    );
  }
}

function writesOf(before: string | undefined, after: string | undefined): number {
  if (before === after) return 0;
  return before === undefined || after === undefined ? 1 : 2;
}
