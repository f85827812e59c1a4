/**
 * Which texts run together. Every text of a micro-batch is padded to its longest, and padding costs as much as words
 * do; but each run costs something too. So texts are sorted by length and cut where the sum is least.
 */
export interface Tokenized {
  /** Its place among the texts that came with it. */
  readonly index: number;
  readonly tokenIds: readonly number[];
}

/** Count × longest. More saves nothing: docs/decisions/model.md has the figures. */
const MAX_AREA_TOKENS = 256;
/** The cost of a run beside its area, in tokens: 0.8 ms and 0.083 ms a token were measured. */
const RUN_COST_TOKENS = 10;

/** A text that is longer than the bound runs alone. */
export function toMicroBatches<Text extends Tokenized>(texts: readonly Text[]): Text[][] {
  const byLength = texts.toSorted((a, b) => a.tokenIds.length - b.tokenIds.length);
  const starts = cheapestCuts(byLength.map(({ tokenIds }) => tokenIds.length));
  return starts.map((start, batch) => byLength.slice(start, starts[batch + 1]));
}

/** Where each micro-batch begins. `lengths` ascend, so that the last of a micro-batch is its longest. */
function cheapestCuts(lengths: readonly number[]): number[] {
  const costUpTo = [0];
  const startOfLastUpTo = [0];
  lengths.forEach((longest, last) => {
    let best = { cost: Infinity, start: last };
    for (let start = last; start >= 0; start--) {
      const area = (last - start + 1) * longest;
      if (area > MAX_AREA_TOKENS && start < last) break;
      const cost = (costUpTo[start] ?? 0) + area + RUN_COST_TOKENS;
      if (cost < best.cost) best = { cost, start };
    }
    costUpTo.push(best.cost);
    startOfLastUpTo.push(best.start);
  });
  return walkBack(startOfLastUpTo);
}

function walkBack(startOfLastUpTo: readonly number[]): number[] {
  const starts: number[] = [];
  for (let end = startOfLastUpTo.length - 1; end > 0; end = startOfLastUpTo[end] ?? 0) {
    starts.push(startOfLastUpTo[end] ?? 0);
  }
  return starts.reverse();
}
