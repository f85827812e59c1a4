/** No emulator does this: a table that is being deleted stays for a while, and cannot be made again before it has gone. */
import { expect, it } from 'vitest';
import { z } from 'zod';
import { ensureTables } from '../../../infra/aws/ensure-tables.js';
import { tableNames } from '../../../infra/resources/resources.js';
import { scriptedAws, type ScriptedAnswer } from '../../support/scripted-aws.js';

const requestSchema = z.object({ TableName: z.string() });

const described = (TableStatus: string): ScriptedAnswer => ({
  status: 200,
  body: { Table: { TableStatus } },
});
const refused = (name: string): ScriptedAnswer => ({
  status: 400,
  body: { __type: `com.amazonaws.dynamodb.v20120810#${name}`, message: 'refused' },
});

/** Each table is seen twice while it goes, and then is no more until it is made. */
class GoingTables {
  readonly made = new Set<string>();
  readonly #looks = new Map<string, number>();

  answer(operation: string, table: string): ScriptedAnswer {
    switch (operation) {
      case 'DescribeTable': {
        if (this.made.has(table)) return described('ACTIVE');
        const looks = (this.#looks.get(table) ?? 0) + 1;
        this.#looks.set(table, looks);
        return looks <= 2 ? described('DELETING') : refused('ResourceNotFoundException');
      }
      case 'CreateTable':
        if ((this.#looks.get(table) ?? 0) <= 2) return refused('ResourceInUseException');
        this.made.add(table);
        return { status: 200, body: {} };
      case 'DescribeTimeToLive':
        return { status: 200, body: { TimeToLiveDescription: { TimeToLiveStatus: 'ENABLED' } } };
      default:
        return refused('ValidationException');
    }
  }
}

it('tables that are being deleted are made again as soon as they have gone', async () => {
  const tables = new GoingTables();
  const clients = await scriptedAws((operation, body) =>
    tables.answer(operation, requestSchema.parse(JSON.parse(body)).TableName),
  );
  await ensureTables(clients.dynamodb);
  expect([...tables.made].sort()).toEqual(Object.values(tableNames).sort());
});
