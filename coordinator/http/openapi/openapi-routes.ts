/**
 * `GET /openapi.json` and `GET /docs` need no key, because they reveal only what the source does. The page loads all its
 * files from here.
 */
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { Router, type Response } from 'express';
import { createContract } from './document.js';

const UI_FILES = ['swagger-ui.css', 'swagger-ui-bundle.js', 'favicon-32x32.png'] as const;

/** Swagger UI draws its icons from data URLs, and sets no style but through scripts. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const PAGE = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <title>Boomerang: the contract</title>
    <link rel="icon" href="docs/favicon-32x32.png" />
    <link rel="stylesheet" href="docs/swagger-ui.css" />
  </head>
  <body>
    <div id="contract"></div>
    <script src="docs/swagger-ui-bundle.js"></script>
    <script src="docs/start.js"></script>
  </body>
</html>
`;

const START = `SwaggerUIBundle({ url: 'openapi.json', dom_id: '#contract', deepLinking: true, validatorUrl: null });\n`;

export function openapiRoutes(): Router {
  const folder = dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'));
  let contract: string | undefined;
  const router = Router();
  router.get('/openapi.json', (_request, response) => {
    contract ??= JSON.stringify(createContract());
    response.type('application/json').send(contract);
  });
  router.get('/docs', (_request, response) => {
    withContentPolicy(response).type('text/html').send(PAGE);
  });
  router.get('/docs/start.js', (_request, response) => {
    withContentPolicy(response).type('text/javascript').send(START);
  });
  for (const file of UI_FILES) {
    router.get(`/docs/${file}`, (_request, response) => {
      withContentPolicy(response)
        .set('Cache-Control', 'public, max-age=3600')
        .sendFile(file, { root: folder });
    });
  }
  return router;
}

function withContentPolicy(response: Response): Response {
  return response.set({
    'Content-Security-Policy': CONTENT_SECURITY_POLICY,
    'Referrer-Policy': 'no-referrer',
  });
}
