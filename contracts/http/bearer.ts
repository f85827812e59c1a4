/** `Authorization: Bearer SECRET`, compared in constant time. */
import { createHash, timingSafeEqual } from 'node:crypto';

export type SecretCheck = (given: string | undefined) => boolean;

export function secretCheck(secret: string): SecretCheck {
  const expected = digest(secret);
  return (given) => given !== undefined && timingSafeEqual(digest(given), expected);
}

/** @returns a check of the header's value */
export function bearerCheck(secret: string): SecretCheck {
  const isSecret = secretCheck(secret);
  return (authorization) => isSecret(/^bearer +(.*)$/i.exec(authorization ?? '')?.[1]);
}

/** Equal in length, which is what a comparison in constant time asks for. */
function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
