import { GetItemCommand, PutItemCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { MarkerStore } from '../../contracts/stack/stores.js';
import { readText, text } from './attributes.js';
import { callConditionally, callStack } from './stack-calls.js';

const MARKER = { name: text('marker') };

/** An item of the `meta` table: as long as it stands, the tables have not been emptied. */
export class DynamoMarkerStore implements MarkerStore {
  readonly #client: DynamoDBClient;
  readonly #tableName: string;

  constructor(client: DynamoDBClient, tableName: string) {
    this.#client = client;
    this.#tableName = tableName;
  }

  async read(): Promise<string | undefined> {
    const command = new GetItemCommand({ TableName: this.#tableName, Key: MARKER, ConsistentRead: true });
    const { Item: item } = await callStack('GetItem of the marker', this.#client.send(command));
    return item === undefined ? undefined : readText(item, 'id');
  }

  async create(id: string): Promise<string> {
    const markerDoesNotExist = 'attribute_not_exists(#name)';
    const result = await callConditionally(
      'PutItem of the marker',
      this.#client.send(
        new PutItemCommand({
          TableName: this.#tableName,
          Item: { ...MARKER, id: text(id) },
          ConditionExpression: markerDoesNotExist,
          ExpressionAttributeNames: { '#name': 'name' },
        }),
      ),
    );
    if (result === 'written') return id;
    // Gone between the two: emptied once more.
    return (await this.read()) ?? this.create(id);
  }
}
