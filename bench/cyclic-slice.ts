/** `count` items from `position` on, from the first again after the last. */
export function cyclicSlice<T>(items: readonly T[], position: number, count: number): readonly T[] {
  return Array.from({ length: count }, (_, offset) => (position + offset) % items.length).flatMap(
    (index) => items[index] ?? [],
  );
}
