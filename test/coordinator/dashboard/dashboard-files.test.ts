import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readPageFiles, type PageFiles } from '../../../coordinator/dashboard/page-files.js';
import { startHttpCoordinator, type HttpCoordinator } from '../../support/http-coordinator.js';

describe('the files of the dashboard', () => {
  let coordinator: HttpCoordinator;
  let files: PageFiles;
  beforeAll(async () => {
    coordinator = await startHttpCoordinator({ apiKey: 'secret' });
    files = await readPageFiles();
  });
  afterAll(() => coordinator.stop());

  it('need no key, forbid everything from elsewhere, and are not taken for something else', async () => {
    for (const path of files.keys()) {
      const { status, headers } = await coordinator.call(path);
      expect([path, status]).toEqual([path, 200]);
      expect(headers.get('content-security-policy')).toMatch(
        /^default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; /,
      );
      expect(headers.get('content-security-policy')).toMatch(/frame-ancestors 'none'$/);
      expect(headers.get('content-security-policy')).not.toMatch(/unsafe|\*|https?:/);
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('referrer-policy')).toBe('no-referrer');
      expect(headers.get('content-type')).toMatch(/^(text\/(html|css|javascript)|image\/svg)/);
    }
    expect((await coordinator.call('/workers')).status).toBe(401);
  });

  it('import nothing that is not served', () => {
    let imports = 0;
    for (const [path, { bytes }] of files) {
      for (const [, target = ''] of bytes.toString().matchAll(/^import .* from "([^"]+)";$/gm)) {
        imports += 1;
        expect(files.has(new URL(target, `http://page${path}`).pathname), `${path} imports ${target}`).toBe(
          true,
        );
      }
    }
    expect(imports).toBeGreaterThan(30);
  });

  it('hold no script and no style of their own in the page, which the policy would forbid', () => {
    const page = files.get('/')?.bytes.toString() ?? '';
    expect(page).toMatch(/<script type="module" src="[^"]+"><\/script>/);
    expect(page).not.toMatch(/<script(?![^>]* src=)|<style|\son\w+=|\sstyle=/);
  });

  it('are the same until they change, and small where that is asked for', async () => {
    const plain = await fetch(`${coordinator.url}/dashboard/vendor/uplot.js`, {
      headers: { 'accept-encoding': 'identity' },
    });
    const uplot = readFileSync(new URL('../../../node_modules/uplot/dist/uPlot.esm.js', import.meta.url));
    expect(Buffer.from(await plain.arrayBuffer()).equals(uplot)).toBe(true);
    expect(plain.headers.get('content-encoding')).toBeNull();
    const etag = plain.headers.get('etag') ?? '';
    const again = await fetch(plain.url, { headers: { 'if-none-match': etag } });
    expect(again.status).toBe(304);
    const small = await fetch(plain.url, { headers: { 'accept-encoding': 'gzip' } });
    expect(small.headers.get('content-encoding')).toBe('gzip');
    expect(Number(small.headers.get('content-length'))).toBeLessThan(uplot.length / 2);
  });

  it.each([
    '/dashboard/none.js',
    '/dashboard/page-files.js',
    '/dashboard/..%2f..%2fpackage.json',
    '/dashboard/%00',
  ])('are these only, not %s', async (path) => {
    expect(await coordinator.call(path)).toMatchObject({ status: 404, body: { code: 'not_found' } });
  });
});
