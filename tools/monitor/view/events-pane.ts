import { filterAside, staleAside } from './asides.js';
import type { EventRow } from './event-rows.js';
import { describeRow } from './describe-events.js';
import { clockTime } from '../../kit/numbers/figures.js';
import { listLines } from './list.js';
import { chosenIndex, keysOf } from './rows.js';
import type { PaneView, Scene } from './scene.js';
import { span } from '../../kit/terminal/styled.js';
import { fitTable, type Column } from './table.js';

export function eventsPane(scene: Scene, width: number, height: number): PaneView {
  const { rows, ui, snapshot, nowMs, glyphs } = scene;
  const lines = listLines(fitTable(columns(scene), width, glyphs.ellipsis), {
    rows: rows.events,
    chosen: chosenIndex(keysOf(rows, 'events'), ui.chosen.events),
    height,
    isMarked: ui.pane === 'events',
    emptyText:
      ui.filters.events === '' ? 'nothing has happened in the last 5 minutes' : 'no event matches the filter',
  });
  const aside = staleAside(snapshot.stats, nowMs) ?? filterAside(scene, 'events');
  return { title: 'Events', aside, lines };
}

function columns({ glyphs }: Scene): readonly Column<EventRow>[] {
  return [
    { title: 'time', width: 8, rank: 1, cell: ({ events: [latest] }) => span(clockTime(latest.atMs), 'dim') },
    {
      title: 'fault',
      width: 9,
      rank: 2,
      cell: (row) => {
        const { fault } = describeRow(row, glyphs.arrow);
        return span(fault === undefined ? '' : `${glyphs.fault} ${glyphs.text(firstOf(fault))}`, 'fault');
      },
    },
    {
      title: 'what happened',
      width: 12,
      rank: 0,
      grows: true,
      cell: (row) => {
        const { text, style } = describeRow(row, glyphs.arrow);
        return span(glyphs.text(text), style);
      },
    },
  ];
}

/** Several of one delivery, and of a whole plan, are for the details. */
function firstOf(faults: string): string {
  const [first = '', ...others] = faults.split(',');
  return others.length === 0 ? first : `${first.split('=')[0] ?? first}+`;
}
