/** The labels of a request's answers, as one line shows them: whatever the model calls them. */

const MAX_LABELS = 5;
const MAX_LENGTH = 24;

/** Such as `3 NEGATIVE, 1 POSITIVE`, in the order of their names. */
export function countLabels(labels: readonly (string | undefined)[]): string {
  const counts = new Map<string, number>();
  for (const label of labels) {
    const name = showLabel(label);
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  const inOrder = [...counts].toSorted(([one], [other]) => one.localeCompare(other, 'en', { numeric: true }));
  const shown = inOrder.slice(0, MAX_LABELS).map(([name, count]) => `${count} ${name}`);
  const others = inOrder.slice(MAX_LABELS).reduce((sum, [, count]) => sum + count, 0);
  return [...shown, ...(others === 0 ? [] : [`${others} others`])].join(', ');
}

/** Without what would move the cursor or never end. */
export function showLabel(label: string | undefined): string {
  const visible = (label ?? '').replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, '�');
  const characters = Array.from(visible);
  if (characters.length === 0) return '(no label)';
  return characters.length <= MAX_LENGTH ? visible : `${characters.slice(0, MAX_LENGTH - 1).join('')}…`;
}
