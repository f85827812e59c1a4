/** `GET /`: the dashboard and what it is made of. Nothing here needs a key; the data that the page asks for do. */
import { Router, type RequestHandler, type Response } from 'express';
import { BoomerangError } from '../../contracts/errors/errors.js';
import { readPageFiles, type PageFile, type PageFiles } from './page-files.js';

/** Everything from here, nothing inline, nothing from anywhere else, in nobody's frame. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  "img-src 'self' data:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const HEADERS: Readonly<Record<string, string>> = {
  'Content-Security-Policy': CONTENT_SECURITY_POLICY,
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  // Asked for anew each time, and answered 304: a page never meets parts of another version.
  'Cache-Control': 'no-cache',
  Vary: 'Accept-Encoding',
};

export function dashboardRoutes(): Router {
  let files: Promise<PageFiles> | undefined;
  const serve: RequestHandler = async (request, response) => {
    files ??= readPageFiles();
    const file = (await files.catch(forget)).get(request.path);
    if (file === undefined) throw new BoomerangError('not_found', `${request.path} is not served here`);
    send(response, file, {
      known: request.get('if-none-match') === file.etag,
      gzip: request.acceptsEncodings('gzip') === 'gzip',
    });
  };
  const forget = (error: unknown): never => {
    files = undefined; // it may be built by the next time
    throw error;
  };
  const router = Router({ strict: true });
  router.get('/', serve);
  router.get('/dashboard/*path', serve);
  return router;
}

function send(response: Response, file: PageFile, asked: { known: boolean; gzip: boolean }): void {
  const body = asked.gzip ? file.gzipped : file.bytes;
  const headers = { ...HEADERS, ETag: file.etag };
  if (asked.known) {
    response.writeHead(304, headers).end();
    return;
  }
  response.writeHead(200, {
    ...headers,
    'Content-Type': file.type,
    'Content-Length': body.length,
    ...(asked.gzip ? { 'Content-Encoding': 'gzip' } : {}),
  });
  response.end(body);
}
