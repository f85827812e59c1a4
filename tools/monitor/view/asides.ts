/** The notes at the right end of a pane's upper edge. */
import type { Source } from '../snapshot/snapshot.js';
import type { ListName } from '../ui/state.js';
import { describeAge } from '../../kit/numbers/figures.js';
import { ageOf, isStale } from '../snapshot/health.js';
import type { Scene } from './scene.js';
import { span, type Span } from '../../kit/terminal/styled.js';

export function staleAside(source: Source<unknown>, nowMs: number): Span | undefined {
  const age = ageOf(source, nowMs);
  if (age === undefined || !isStale(source, nowMs)) return undefined;
  return span(`STALE ${describeAge(age)}`, 'warn');
}

export function filterAside({ ui, glyphs }: Scene, list: ListName): Span | undefined {
  const isTyped = ui.mode.kind === 'filter' && ui.mode.list === list;
  const filter = ui.filters[list];
  if (filter === '' && !isTyped) return undefined;
  return span(`/${glyphs.text(filter)}${isTyped ? '_' : ''}`, 'accent');
}
