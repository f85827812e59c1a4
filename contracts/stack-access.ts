/** The access key that the embedded stack wants where a key protects the system. */
import { z } from 'zod';

/** It stands in a header before a slash, and shells and configuration files must take it as it is. */
export const accessKeyId = () =>
  z.string().regex(/^[\w-]{16,128}$/, 'expected 16 to 128 letters, digits, dashes and underscores');

/** Of a request that is signed, or says so: `AWS4-HMAC-SHA256 Credential=ID/20260101/region/service/aws4_request, …` */
export function accessKeyIdOf(authorization: string | undefined): string | undefined {
  return /^AWS4-HMAC-SHA256 (?:.*, ?)?Credential=([^/,\s]+)\//.exec(authorization ?? '')?.[1];
}
