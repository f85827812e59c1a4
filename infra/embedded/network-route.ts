/** `GET`, `PUT` and `DELETE /_boomerang/network`: network faults, live. For this machine only. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { text as readText } from 'node:stream/consumers';
import { fieldErrors } from '../../contracts/field-errors.js';
import { networkFaultSchema, type NetworkFaults } from './network-faults.js';

export const NETWORK_PATH = '/_boomerang/network';

export interface NetworkRouteParts {
  readonly network: NetworkFaults;
  /** Called where connections have to be reset now. */
  readonly onCut: () => void;
  readonly onChange: () => void;
}

const LOOPBACK = /^(::ffff:)?127\.|^::1$/;

export async function answerNetwork(
  parts: NetworkRouteParts,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (!LOOPBACK.test(request.socket.remoteAddress ?? '')) {
    send(response, 403, { detail: 'network faults are for this machine only' });
    return;
  }
  const { network, onCut, onChange } = parts;
  switch (request.method ?? '') {
    case 'GET':
      break;
    case 'PUT': {
      const asked = networkFaultSchema.safeParse(parseJson(await readText(request)));
      if (!asked.success) {
        const { errors } = fieldErrors(asked.error);
        send(response, 400, { detail: errors.map(({ path, message }) => `${path}: ${message}`).join('; ') });
        return;
      }
      network.set(asked.data);
      onChange();
      if (asked.data.cut) onCut();
      break;
    }
    case 'DELETE':
      network.clear();
      onChange();
      break;
    default:
      send(response, 405, { detail: 'expected GET, PUT or DELETE' });
      return;
  }
  send(response, 200, network.view());
}

function parseJson(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined; // the schema says what was expected
  }
}

function send(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}
