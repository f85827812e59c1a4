/** An option that takes one value, given twice: one of the two was not meant, and nobody knows which. */

/**
 * For yargs' `check`, which wants `true`.
 * @throws Error naming the option and what it was given
 */
export function rejectRepeatedFlags(
  given: Readonly<Record<string, unknown>>,
  severalAllowed: readonly string[] = [],
): true {
  for (const [name, value] of Object.entries(given)) {
    if (name === '_' || severalAllowed.includes(name) || !Array.isArray(value)) continue;
    throw new Error(`--${name} takes one value, and was given ${value.map(String).join(' and ')}`);
  }
  return true;
}
