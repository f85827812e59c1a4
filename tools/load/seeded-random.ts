/** Random numbers that are the same for the same seed (mulberry32). */
export interface SeededRandom {
  /** Uniform in [0, 1). */
  next(): number;
  /** A whole number from 0, below the bound. */
  below(bound: number): number;
}

/** `stream` keeps one seed's numbers apart by what they are for, so that a draw more here changes nothing there. */
export function seededRandom(seed: number, stream = ''): SeededRandom {
  let state = mix(seed ^ hash(stream));
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    return (mix(state) >>> 0) / 2 ** 32;
  };
  return { next, below: (bound) => Math.floor(next() * bound) };
}

function mix(value: number): number {
  let mixed = Math.imul(value ^ (value >>> 15), 1 | value);
  mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
  return mixed ^ (mixed >>> 14);
}

/** FNV-1a. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (const unit of text) value = Math.imul(value ^ (unit.codePointAt(0) ?? 0), 0x01000193);
  return value;
}
