import { createDocument } from 'zod-openapi';
import { paths, TAGS } from './paths.js';

/** The contract as OpenAPI 3.1. Answers may have members that it does not name, because additions are compatible. */
export function createContract() {
  return createDocument(
    {
      openapi: '3.1.1',
      info: {
        title: 'Boomerang',
        version: '0.1.0',
        description:
          'Text sentiment from a real BERT, through a queue, on functions that are allowed to die. ' +
          'An accepted task always comes back, once, and the same text gets the same answer. ' +
          'Every route refuses pages of other origins (403 `origin_not_allowed`) and hosts that are none of its own ' +
          '(421 `host_not_allowed`).',
        license: { name: 'MIT', identifier: 'MIT' },
      },
      security: [{}, { apiKey: [] }],
      components: {
        securitySchemes: {
          apiKey: { type: 'http', scheme: 'bearer', description: 'Where the coordinator has an API_KEY.' },
          workerToken: { type: 'http', scheme: 'bearer', description: 'WORKER_TOKEN' },
        },
      },
      tags: TAGS,
      paths,
    },
    {
      override: ({ jsonSchema, io }) => {
        if (io === 'output' && jsonSchema.additionalProperties === false)
          delete jsonSchema.additionalProperties;
      },
    },
  );
}
