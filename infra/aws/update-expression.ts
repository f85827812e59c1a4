/** Builds an update expression from named parts. Every attribute and value goes by a placeholder: some names are reserved. */
import type { AttributeValue, UpdateItemCommandInput } from '@aws-sdk/client-dynamodb';
import type { Item } from './stack-calls.js';

type Path = readonly [attribute: string, entry?: string];
type Expression = Pick<
  UpdateItemCommandInput,
  'UpdateExpression' | 'ExpressionAttributeNames' | 'ExpressionAttributeValues'
>;

export class UpdateExpression {
  readonly #sets: string[] = [];
  readonly #removes: string[] = [];
  readonly #names = new Map<string, string>();
  readonly #values: Item = {};

  set(path: Path, value: AttributeValue): this {
    this.#sets.push(`${this.#place(path)} = ${this.value(value)}`);
    return this;
  }

  setAll(attributes: Item): this {
    for (const [name, value] of Object.entries(attributes)) this.set([name], value);
    return this;
  }

  remove(path: Path): this {
    this.#removes.push(this.#place(path));
    return this;
  }

  /** The placeholder of an attribute, for a condition. */
  name(attribute: string): string {
    const known = this.#names.get(attribute);
    if (known !== undefined) return known;
    const placeholder = `#n${this.#names.size}`;
    this.#names.set(attribute, placeholder);
    return placeholder;
  }

  /** The placeholder of a value, for a condition. */
  value(value: AttributeValue): string {
    const placeholder = `:v${Object.keys(this.#values).length}`;
    this.#values[placeholder] = value;
    return placeholder;
  }

  build(): Expression {
    const set = this.#sets.length > 0 ? `SET ${this.#sets.join(', ')}` : '';
    const remove = this.#removes.length > 0 ? `REMOVE ${this.#removes.join(', ')}` : '';
    return {
      UpdateExpression: `${set} ${remove}`.trim(),
      ExpressionAttributeNames: Object.fromEntries(
        [...this.#names].map(([name, placeholder]) => [placeholder, name]),
      ),
      ExpressionAttributeValues: this.#values,
    };
  }

  #place([attribute, entry]: Path): string {
    return entry === undefined ? this.name(attribute) : `${this.name(attribute)}.${this.name(entry)}`;
  }
}
