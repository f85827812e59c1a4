import { describe, expect, it } from 'vitest';
import { createRequestGuard, type RequestGuardOptions } from '../../../contracts/http/request-guard.js';

const options: RequestGuardOptions = {
  host: '127.0.0.1',
  allowedHosts: [],
  ownNames: () => ['ip-10-0-0-7', '10.0.0.7', 'fe80::1'],
  pages: ['/'],
  anyHostPaths: ['/healthz'],
};
type Headers = Readonly<Record<string, string>>;

function codeOf(
  headers: Headers,
  changes: Partial<RequestGuardOptions> = {},
  request: { method?: string; url?: string } = {},
) {
  return createRequestGuard({ ...options, ...changes })({ url: '/tasks', ...request, headers })?.code;
}

describe('the Host', () => {
  it('may not be another one beside the first', () => {
    const guard = createRequestGuard(options);
    const sent = (...hosts: string[]) =>
      guard({ url: '/', headers: { host: hosts[0] ?? '' }, headersDistinct: { host: hosts } });
    expect(sent('localhost', 'localhost')).toBeUndefined();
    expect(sent('localhost', 'evil.example')?.code).toBe('host_not_allowed');
  });

  it.each(['http://evil.example/tasks', 'HTTPS://evil.example:8080?x', 'http://evil.example'])(
    'does not stand for another name in the target, as in %s',
    (url) => {
      expect(codeOf({ host: 'localhost' }, {}, { url })).toBe('host_not_allowed');
    },
  );

  it('may stand beside its own name in the target', () => {
    expect(codeOf({ host: 'localhost' }, {}, { url: 'http://127.0.0.1:8080/tasks' })).toBeUndefined();
    expect(codeOf({ host: 'localhost' }, {}, { url: '/tasks?from=http://evil.example/' })).toBeUndefined();
  });

  it.each([
    'localhost',
    'localhost:8080',
    'LOCALHOST:1',
    'localhost.',
    '127.0.0.1',
    '127.9.9.9:80',
    '[::1]',
    '[::1]:8080',
  ])('may be %s: no other machine has that name', (host) => {
    expect(codeOf({ host })).toBeUndefined();
  });

  it.each([
    'evil.example',
    'evil.example:8080',
    'localhost.evil.example',
    '127.0.0.1.evil.example',
    'evil.example#127.0.0.1',
    'user@127.0.0.1',
    '127.0.0.1:8080@evil.example',
    '169.254.169.254',
    '10.0.0.7',
    'ip-10-0-0-7',
    '0.0.0.0:8080',
    '[::]',
    '[::2]:8080',
    '',
    '127.0.0.1, evil.example',
    '127.0.0.1:port',
  ])('may not be %j', (host) => {
    expect(codeOf({ host })).toBe('host_not_allowed');
  });

  it('must be there', () => {
    expect(codeOf({})).toBe('host_not_allowed');
  });

  it('may be what the server is bound to, and where that is more than loopback, all that this machine is called', () => {
    const wide = { host: '0.0.0.0' };
    for (const host of [
      '0.0.0.0:80',
      'ip-10-0-0-7:80',
      'IP-10-0-0-7',
      '10.0.0.7',
      '[fe80::1]:80',
      'localhost',
    ])
      expect(codeOf({ host }, wide)).toBeUndefined();
    for (const host of ['10.0.0.8', 'evil.example']) expect(codeOf({ host }, wide)).toBe('host_not_allowed');
    expect(codeOf({ host: '[fd00::1]:80' }, { host: 'fd00::1' })).toBeUndefined();
    expect(codeOf({ host: 'box' }, { host: 'box' })).toBeUndefined();
  });

  it('may be of ALLOWED_HOSTS, by name or below one', () => {
    const allowedHosts = ['boomerang.example.com', '*.internal', '10.1.2.3'];
    for (const host of ['boomerang.example.com', 'boomerang.example.com:8443', 'a.b.internal', '10.1.2.3:80'])
      expect(codeOf({ host }, { allowedHosts })).toBeUndefined();
    for (const host of ['example.com', 'x.boomerang.example.com', 'internal', 'evilinternal'])
      expect(codeOf({ host }, { allowedHosts })).toBe('host_not_allowed');
  });

  it('is anything where a load balancer asks whether the server lives', () => {
    expect(codeOf({ host: '172.31.0.9:8080' }, {}, { url: '/healthz' })).toBeUndefined();
    expect(codeOf({}, {}, { url: '/healthz?x=1' })).toBeUndefined();
    expect(codeOf({ host: 'evil.example' }, {}, { url: '/healthz/../tasks' })).toBe('host_not_allowed');
  });
});

describe('the origin', () => {
  const host = 'localhost:8080';

  it('may be the server’s own, and programs have none', () => {
    for (const own of [
      { host, origin: 'http://localhost:8080' },
      { host: '[::1]:1', origin: 'http://[::1]:1' },
    ])
      expect(codeOf(own)).toBeUndefined();
    expect(codeOf({ host, 'sec-fetch-site': 'same-origin' })).toBeUndefined();
    expect(codeOf({ host, 'sec-fetch-site': 'none' })).toBeUndefined();
    expect(codeOf({ host, 'sec-fetch-mode': 'cors' })).toBeUndefined();
  });

  it.each([
    'null',
    'http://evil.example',
    'http://localhost',
    'http://localhost:3000',
    'http://127.0.0.1:8080',
    'file://',
    '',
  ])('may not be %j', (origin) => {
    expect(codeOf({ host, origin })).toBe('origin_not_allowed');
    expect(codeOf({ host, origin }, {}, { url: '/healthz' })).toBe('origin_not_allowed');
    expect(codeOf({ host, origin, 'sec-fetch-site': 'same-origin' })).toBe('origin_not_allowed');
  });

  it.each(['cross-site', 'same-site', 'anything'])('may not be another by its own account: %s', (site) => {
    expect(codeOf({ host, 'sec-fetch-site': site })).toBe('origin_not_allowed');
    const image = { 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'image' };
    expect(codeOf({ host, 'sec-fetch-site': site, ...image }, {}, { url: '/' })).toBe('origin_not_allowed');
  });

  it('of a proxy that passes on its own Host is one of ALLOWED_HOSTS', () => {
    const allowedHosts = ['boomerang.example.com'];
    expect(codeOf({ host, origin: 'https://boomerang.example.com' }, { allowedHosts })).toBeUndefined();
    expect(codeOf({ host, origin: 'https://boomerang.example.com:3000' }, { allowedHosts })).toBe(
      'origin_not_allowed',
    );
  });

  it('does not matter to a link that leads to a page, and to nothing but a page', () => {
    const link = {
      host,
      'sec-fetch-site': 'cross-site',
      'sec-fetch-mode': 'navigate',
      'sec-fetch-dest': 'document',
    };
    expect(codeOf(link, {}, { method: 'GET', url: '/?key=1' })).toBeUndefined();
    expect(codeOf(link, {}, { method: 'GET', url: '/tasks' })).toBe('origin_not_allowed');
    expect(codeOf(link, {}, { method: 'POST', url: '/' })).toBe('origin_not_allowed');
    expect(codeOf({ ...link, 'sec-fetch-dest': 'iframe' }, {}, { method: 'GET', url: '/' })).toBe(
      'origin_not_allowed',
    );
  });
});
