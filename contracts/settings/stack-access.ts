/** The access key that the embedded stack wants where a key protects the system. */
import { z } from 'zod';

/** It stands in a header before a slash, and shells and configuration files must take it as it is. */
export const accessKeyId = () =>
  z.string().regex(/^[\w-]{16,128}$/, 'expected 16 to 128 letters, digits, dashes and underscores');

const ALGORITHM = 'AWS4-HMAC-SHA256 ';
const CREDENTIAL = /^([^/\s=]+)\/[^\s=]+$/;

/**
 * Reads the key from a request that is signed, or says so: `AWS4-HMAC-SHA256 Credential=ID/20260101/region/service/aws4_request,
 * SignedHeaders=…, Signature=…`. One that names two keys, or bears no signature, names none.
 */
export function accessKeyIdOf(authorization = ''): string | undefined {
  if (!authorization.startsWith(ALGORITHM)) return undefined;
  const parts = authorization.slice(ALGORITHM.length).split(',');
  const credential = CREDENTIAL.exec(onlyValue(parts, 'Credential') ?? '')?.[1];
  return onlyValue(parts, 'Signature') === undefined ? undefined : credential;
}

function onlyValue(parts: readonly string[], name: string): string | undefined {
  const values = parts.flatMap((part) => {
    const [key = '', ...value] = part.split('=');
    return key.trim().toLowerCase() === name.toLowerCase() ? [value.join('=').trim()] : [];
  });
  return values.length === 1 && values[0] !== '' ? values[0] : undefined;
}
