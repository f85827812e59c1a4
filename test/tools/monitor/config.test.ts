import { describe, expect, it } from 'vitest';
import { readMonitorConfig } from '../../../tools/monitor/config.js';
import type { Flags } from '../../../tools/monitor/flags.js';

const read = (environment: Record<string, string> = {}, flags: Partial<Flags> = {}) =>
  readMonitorConfig(
    { endpoint: undefined, data: undefined, ascii: false, ...flags },
    environment,
    '/project',
    '/here',
  );

describe('the settings of the monitor', () => {
  it('name no stack where nobody did, and the project’s data folder', () => {
    expect(read()).toMatchObject({ endpointSqs: undefined, endpointDynamodb: undefined, live: false });
    expect(read()).toMatchObject({ dataFolder: '/project/.boomerang', isFolderNamed: false });
    expect(read({}, { data: 'x' }).isFolderNamed).toBe(true);
    expect(read({ BOOMERANG_DATA: 'other' }).dataFolder).toBe('/here/other');
    expect(read({ BOOMERANG_DATA: 'other' }, { data: '/its/own' }).dataFolder).toBe('/its/own');
  });

  it('take the flag before the environment, and one service’s address before that of both', () => {
    const environment = { AWS_ENDPOINT_URL: 'http://a:1', AWS_ENDPOINT_URL_SQS: 'http://b:2' };
    expect(read(environment)).toMatchObject({ endpointSqs: 'http://b:2', endpointDynamodb: 'http://a:1' });
    const flagged = read(environment, { endpoint: 'http://c:3' });
    expect(flagged).toMatchObject({ endpointSqs: 'http://c:3', endpointDynamodb: 'http://c:3' });
  });

  it('look for a stack where STACK_PORT puts it, if nothing else tells', () => {
    expect(read().defaultEndpoint).toBe('http://127.0.0.1:4566');
    expect(read({ STACK_PORT: '4600' }).defaultEndpoint).toBe('http://127.0.0.1:4600');
  });

  it('refuse an endpoint that is none', () => {
    expect(() => read({}, { endpoint: 'here:4566' })).toThrow('--endpoint here:4566 cannot be used');
    expect(() => read({ AWS_ENDPOINT_URL: 'nowhere' })).toThrow('AWS_ENDPOINT_URL=nowhere cannot be used');
  });

  it.each([
    [{}, false],
    [{ LANG: 'en_US.UTF-8' }, false],
    [{ LANG: 'C' }, true],
    [{ LC_ALL: 'C.utf8', LANG: 'C' }, false],
    [{ LC_CTYPE: 'de_DE.ISO-8859-1', LANG: 'de_DE.UTF-8' }, true],
  ])('draw ASCII by the locale %j: %s', (environment, expected) => {
    expect(read(environment).isAscii).toBe(expected);
    expect(read(environment, { ascii: true }).isAscii).toBe(true);
  });

  it('heed NO_COLOR and TERM=dumb', () => {
    expect(read({ NO_COLOR: '1', TERM: 'dumb' })).toMatchObject({ hasColor: false, isDumb: true });
    // empty counts as not set: https://no-color.org
    expect(read({ NO_COLOR: '', TERM: 'xterm' })).toMatchObject({ hasColor: true, isDumb: false });
  });
});
