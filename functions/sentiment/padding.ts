/** Rows of token ids as the rectangles that a model takes, filled up on the right. */
export interface PaddedRows {
  readonly shape: readonly [rows: number, longest: number];
  readonly tokenIds: BigInt64Array;
  /** 1 where there is a token, 0 where there is padding. */
  readonly mask: BigInt64Array;
}

export function padRows(rows: readonly (readonly number[])[], padTokenId: number): PaddedRows {
  const longest = Math.max(...rows.map(({ length }) => length));
  const tokenIds = new BigInt64Array(rows.length * longest).fill(BigInt(padTokenId));
  const mask = new BigInt64Array(rows.length * longest);
  rows.forEach((row, rowIndex) => {
    const start = rowIndex * longest;
    row.forEach((tokenId, place) => (tokenIds[start + place] = BigInt(tokenId)));
    mask.fill(1n, start, start + row.length);
  });
  return { shape: [rows.length, longest], tokenIds, mask };
}
