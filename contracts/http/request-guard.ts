/**
 * Keeps web pages of other origins out. A page whose name an attacker points at this machine (DNS rebinding) still sends
 * its own name as Host; a page that posts a form or fetches without preflight says so in `Origin` and `Sec-Fetch-Site`.
 * Programs send neither of the latter.
 */
import type { IncomingHttpHeaders } from 'node:http';
import { hostNameOf, isLoopback, matchesHost } from './hosts.js';

export interface RequestGuardOptions {
  /** The address that the server is bound to. */
  readonly host: string;
  /** Further names under which it is reached: of a proxy, of a container. */
  readonly allowedHosts: readonly string[];
  /** Names and addresses of this machine, which change as it moves; asked for where the server is bound beyond loopback. */
  readonly ownNames: () => readonly string[];
  /** Paths that a link on another site may lead to. */
  readonly pages?: readonly string[];
  /** Paths for load balancers, which know no name but only an address. */
  readonly anyHostPaths?: readonly string[];
}

export interface RequestHead {
  readonly method?: string | undefined;
  readonly url?: string | undefined;
  readonly headers: IncomingHttpHeaders;
  /** Each header with all its values: of several Host headers Node keeps the first. */
  readonly headersDistinct?: NodeJS.Dict<string[]>;
}

export interface GuardRefusal {
  readonly code: 'host_not_allowed' | 'origin_not_allowed';
  readonly status: 421 | 403;
  readonly detail: string;
}

export interface RequestGuard {
  (request: RequestHead): GuardRefusal | undefined;
  /** Whether a Host header is one of the names of this server; on paths for any host it need not be. */
  readonly isOwnHost: (header: string | undefined) => boolean;
}

const FOREIGN_HOST: GuardRefusal = {
  code: 'host_not_allowed',
  status: 421,
  detail: 'the Host header is none of the names of this server; ALLOWED_HOSTS adds names',
};
const FOREIGN_ORIGIN: GuardRefusal = {
  code: 'origin_not_allowed',
  status: 403,
  detail: 'pages of other origins may not ask this server',
};

export function createRequestGuard(options: RequestGuardOptions): RequestGuard {
  const { host, allowedHosts, ownNames, pages = [], anyHostPaths = [] } = options;
  const bound = hostNameOf(host.includes(':') ? `[${host}]` : host);
  const isAllowed = (name: string): boolean => allowedHosts.some((pattern) => matchesHost(pattern, name));
  const isOwn = (name: string): boolean =>
    isLoopback(name) ||
    name === bound ||
    isAllowed(name) ||
    (!isLoopback(host) && ownNames().some((own) => own.toLowerCase() === name));

  /** Most requests name the same host as the one before. */
  let lastOwnHost: string | undefined;
  const isOwnHost = (header: string | undefined): boolean => {
    if (header === undefined) return false;
    if (header === lastOwnHost) return true;
    const name = hostNameOf(header);
    if (name === undefined || !isOwn(name)) return false;
    lastOwnHost = header;
    return true;
  };

  /** A proxy may pass on its own Host instead of the one that the page was loaded from. */
  const isOwnOrigin = (origin: string, header: string | undefined): boolean => {
    const place = /^https?:\/\/([^/]+)$/i.exec(origin)?.[1]?.toLowerCase();
    if (place === undefined) return false;
    return place === header?.toLowerCase() || (!/:\d+$/.test(place) && isAllowed(place));
  };

  const guard = (request: RequestHead): GuardRefusal | undefined => {
    const { method, url = '/', headers } = request;
    const { host: header, origin } = headers;
    const path = url.split('?', 1)[0] ?? url;
    if (!hostsIn(request).every(isOwnHost) && !anyHostPaths.includes(path)) return FOREIGN_HOST;
    if (origin !== undefined) return isOwnOrigin(origin, header) ? undefined : FOREIGN_ORIGIN;
    const site = headers['sec-fetch-site'];
    if (site === undefined || site === 'same-origin' || site === 'none') return undefined;
    const isLink =
      (method === 'GET' || method === 'HEAD') &&
      headers['sec-fetch-mode'] === 'navigate' &&
      headers['sec-fetch-dest'] === 'document';
    return isLink && pages.includes(path) ? undefined : FOREIGN_ORIGIN;
  };
  return Object.assign(guard, { isOwnHost });
}

/** All by which the request names the server: its Host headers, and its target where that is a whole URL. */
function hostsIn({ url = '/', headers, headersDistinct }: RequestHead): readonly (string | undefined)[] {
  const hosts = headersDistinct?.['host'] ?? [headers.host];
  const authority = /^[a-z][a-z\d+.-]*:\/\/([^/?#]*)/i.exec(url)?.[1];
  return authority === undefined ? hosts : [...hosts, authority];
}
