/** `GET`, `PUT` and `DELETE /_boomerang/network`: network faults, live. For this machine only, with the control token. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { text as readText } from 'node:stream/consumers';
import type { SecretCheck } from '../../contracts/http/bearer.js';
import { fieldErrors } from '../../contracts/http/field-errors.js';
import { isLoopback } from '../../contracts/http/hosts.js';
import { parseJson } from '../../contracts/common/text.js';
import { sendJson as send } from './send-json.js';
import { networkFaultSchema } from '../../contracts/control/network-fault.js';
import type { NetworkFaults } from './network-faults.js';

export interface NetworkRouteParts {
  readonly network: NetworkFaults;
  /** The check of the Authorization header. */
  readonly isAuthorized: SecretCheck;
  /** Called where connections have to be reset now. */
  readonly onCut: () => void;
  readonly onChange: () => void;
}

export async function handleNetworkRequest(
  parts: NetworkRouteParts,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (!isLoopback((request.socket.remoteAddress ?? '').replace(/^::ffff:/, ''))) {
    send(response, 403, { detail: 'network faults are for this machine only' });
    return;
  }
  if (!parts.isAuthorized(request.headers.authorization)) {
    send(response, 401, {
      detail: 'network faults require the control token: token in supervisor.json, or CONTROL_TOKEN',
    });
    return;
  }
  const { network, onCut, onChange } = parts;
  switch (request.method ?? '') {
    case 'GET':
      break;
    case 'PUT': {
      const requested = networkFaultSchema.safeParse(parseJson(await readText(request)));
      if (!requested.success) {
        const { errors } = fieldErrors(requested.error);
        send(response, 400, { detail: errors.map(({ path, message }) => `${path}: ${message}`).join('; ') });
        return;
      }
      network.set(requested.data);
      onChange();
      if (requested.data.cut) onCut();
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
