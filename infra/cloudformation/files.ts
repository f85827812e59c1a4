/** The files that lie beside this one, as they have to read. */
import { stringify } from 'yaml';
import { MAKER } from './access.js';
import { policyDocument } from './policies.js';
import { template } from './template.js';

export const FOLDER = 'infra/cloudformation';

/** By name. */
export function files(): Readonly<Record<string, string>> {
  const anywhere = (service: string, name: string) => `arn:aws:${service}:*:*:${name}`;
  return {
    'boomerang.yaml': stringify(template(), {
      singleQuote: true,
      lineWidth: 0,
      aliasDuplicateObjects: false,
    }),
    'make-resources-policy.json': `${JSON.stringify(policyDocument(MAKER, anywhere), null, 2)}\n`,
  };
}
