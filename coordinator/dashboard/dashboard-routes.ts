/** `GET /`: the dashboard and its files. They need no API key; the data that the page requests does. */
import { Router, type RequestHandler, type Response } from 'express';
import { BoomerangError } from '../../contracts/errors/errors.js';
import { readPageFiles, type PageFile, type PageFiles } from './page-files.js';

/** All resources come from this origin; inline scripts and frames are forbidden. */
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
  // Browsers revalidate every file (304), so a page never mixes files of two versions.
  'Cache-Control': 'no-cache',
  Vary: 'Accept-Encoding',
};

export function dashboardRoutes(): Router {
  let files: Promise<PageFiles> | undefined;
  const serve: RequestHandler = async (request, response) => {
    files ??= readPageFiles();
    const file = (await files.catch(resetAndRethrow)).get(request.path);
    if (file === undefined) throw new BoomerangError('not_found', `${request.path} is not served here`);
    send(response, file, {
      isUnchanged: request.get('if-none-match') === file.etag,
      gzip: request.acceptsEncodings('gzip') === 'gzip',
    });
  };
  const resetAndRethrow = (error: unknown): never => {
    files = undefined; // the next request tries again: the page may have been built by then
    throw error;
  };
  const router = Router({ strict: true });
  router.get('/', serve);
  router.get('/dashboard/*path', serve);
  router.get('/contracts/*path', serve);
  return router;
}

function send(response: Response, file: PageFile, options: { isUnchanged: boolean; gzip: boolean }): void {
  const body = options.gzip ? file.gzipped : file.bytes;
  const headers = { ...HEADERS, ETag: file.etag };
  if (options.isUnchanged) {
    response.writeHead(304, headers).end();
    return;
  }
  response.writeHead(200, {
    ...headers,
    'Content-Type': file.type,
    'Content-Length': body.length,
    ...(options.gzip ? { 'Content-Encoding': 'gzip' } : {}),
  });
  response.end(body);
}
