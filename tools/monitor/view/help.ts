import type { Scene } from './scene.js';
import { span, type Line } from '../../kit/terminal/styled.js';

type Entry = readonly [key: string, does: string];

const MOVING: readonly Entry[] = [
  ['Tab, Shift-Tab', 'next pane, pane before'],
  ['1 ... 5', 'workers, queue, rates, tasks, events'],
  ['j k, arrows', 'up and down in a list'],
  ['PgUp PgDn, g G', 'a page; first and last row'],
];
const LOOKING: readonly Entry[] = [
  ['Enter', "details: a task's whole delivery history, a worker, an event"],
  ['/', 'filter this list; all words must occur: failed, worker-2 hang,'],
  ['', 'retried (more than one delivery), lost, a word of the text'],
  ['z', 'this pane on the whole screen, and back'],
  ['p', 'freeze what is shown, and go on'],
  ['Esc', 'close, or drop the filter'],
];
const ACTING: readonly Entry[] = [
  ['K', 'kill the chosen worker (SIGKILL); it comes back by itself'],
  ['P', 'pause it (SIGSTOP): it answers nothing'],
  ['R', 'resume it'],
];
const ENDING: readonly Entry[] = [
  ['?', 'this help'],
  ['q, Ctrl-C', 'quit'],
];

export function helpLines({ isReadOnly, glyphs }: Scene): readonly Line[] {
  const { states, statuses, fault } = glyphs;
  return [
    ...section(MOVING),
    ...section(LOOKING),
    ...(isReadOnly ? [] : section(ACTING)),
    ...section(ENDING),
    [
      span('workers  ', 'dim'),
      span(
        Object.entries(states)
          .map(([state, sign]) => `${sign} ${state}`)
          .join('  '),
      ),
    ],
    [
      span('tasks    ', 'dim'),
      span(
        Object.entries(statuses)
          .slice(0, 3)
          .map(([status, sign]) => `${sign} ${status}`)
          .join('  '),
      ),
    ],
    [
      span('         '),
      span(
        Object.entries(statuses)
          .slice(3)
          .map(([status, sign]) => `${sign} ${status}`)
          .join('  '),
      ),
    ],
    [span('         '), span(fault, 'fault'), span(' broken on purpose')],
    [],
    [span('Reads DynamoDB and queue attributes, never the coordinator:', 'dim')],
    [span('it goes on while that is down. Rates are of the last 10 s,', 'dim')],
    [span('percentiles of the last minute, small bars of one second each.', 'dim')],
  ];
}

const section = (entries: readonly Entry[]): readonly Line[] => [
  ...entries.map(([key, does]): Line => [span(key.padEnd(16), 'accent'), span(does)]),
  [],
];
