/** A rate that changes over time, in straight pieces that follow each other without a gap. */
export interface RatePiece {
  readonly fromMs: number;
  readonly toMs: number;
  /** Requests a second at its start and at its end. */
  readonly fromRate: number;
  readonly toRate: number;
}

/** How many requests the whole curve stands for. */
export function expectedCount(curve: readonly RatePiece[]): number {
  return curve.reduce((total, piece) => total + countOf(piece), 0);
}

/** When so many requests are due: the inverse of the area under the curve. */
export function timeOfCount(curve: readonly RatePiece[], count: number): number {
  let left = count;
  for (const piece of curve) {
    const here = countOf(piece);
    if (left < here) return piece.fromMs + msToCount(piece, left);
    left -= here;
  }
  return curve.at(-1)?.toMs ?? 0;
}

function countOf({ fromMs, toMs, fromRate, toRate }: RatePiece): number {
  return ((fromRate + toRate) / 2) * ((toMs - fromMs) / 1000);
}

/** Solves rate·t + slope·t²/2 = count, in the form that also holds where the slope is nothing. */
function msToCount({ fromMs, toMs, fromRate, toRate }: RatePiece, count: number): number {
  const slope = (toRate - fromRate) / ((toMs - fromMs) / 1000);
  const root = Math.sqrt(Math.max(0, fromRate * fromRate + 2 * slope * count));
  return ((2 * count) / (fromRate + root || Number.MIN_VALUE)) * 1000;
}
