/** What no emulator does: a table that is being deleted stays for a while, and cannot be made again before it has gone. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { z } from 'zod';
import { ensureTables } from '../../infra/aws/ensure-tables.js';
import { tableNames } from '../../infra/resources/resources.js';
import { clientsOf } from '../support/embedded.js';

const requestSchema = z.object({ TableName: z.string() });

interface Answer {
  readonly status: number;
  readonly body: object;
}

const described = (TableStatus: string): Answer => ({ status: 200, body: { Table: { TableStatus } } });
const refused = (name: string): Answer => ({
  status: 400,
  body: { __type: `com.amazonaws.dynamodb.v20120810#${name}`, message: 'refused' },
});

/** Each table is seen twice while it goes, and then is no more until it is made. */
class GoingTables {
  readonly made = new Set<string>();
  readonly #looks = new Map<string, number>();

  answer(operation: string, table: string): Answer {
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
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      const operation = String(request.headers['x-amz-target']).replace(/^.*\./, '');
      const answer = tables.answer(operation, requestSchema.parse(JSON.parse(body)).TableName);
      response.writeHead(answer.status, { 'content-type': 'application/x-amz-json-1.0' });
      response.end(JSON.stringify(answer.body));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const clients = clientsOf(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  onTestFinished(() => {
    clients.close();
    server.closeAllConnections();
    server.close();
  });
  await ensureTables(clients.dynamodb);
  expect([...tables.made].sort()).toEqual(Object.values(tableNames).sort());
});
