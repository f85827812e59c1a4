import { describe, expect, it } from 'vitest';
import { ansi, COLOR, NO_COLOR } from '../../../../tools/monitor/terminal/ansi.js';
import { healthOf } from '../../../../tools/monitor/snapshot/health.js';
import { NOTHING_THERE } from '../../../../tools/monitor/snapshot/problem.js';
import { EMPTY_SNAPSHOT } from '../../../../tools/monitor/snapshot/snapshot.js';
import { PANES, type Mode, type UiState } from '../../../../tools/monitor/ui/state.js';
import { lineWidth } from '../../../../tools/kit/terminal/cells.js';
import { ASCII } from '../../../../tools/monitor/view/glyphs.js';
import { screenLines } from '../../../../tools/monitor/view/screen.js';
import { plainText, span } from '../../../../tools/kit/terminal/styled.js';
import {
  NOW_MS,
  openTask,
  scene,
  snapshot,
  statsRow,
  task,
  workerRecord,
  type SceneParts,
} from '../support/snapshots.js';

const SIZES = [
  [200, 50],
  [120, 40],
  [110, 28],
  [109, 28],
  [80, 24],
  [64, 22],
  [64, 21],
  [63, 22],
  [60, 15],
  [40, 8],
  [39, 8],
  [20, 3],
  [1, 1],
] as const;

const AWKWARD = snapshot({
  workers: [
    ...Array.from({ length: 30 }, (_, index) => workerRecord(`worker-${index + 1}`)),
    workerRecord('a-worker-with-a-name-that-goes-on-and-on', {
      faults: 'error=0.05,delay=20±20',
      inFlight: 99,
    }),
  ],
  tasks: [
    task(0, { text: '日本語のとても長い文章です。'.repeat(20) }),
    task(1, { text: 'emoji 😀😀😀 and \u001b[31mescapes\nand lines' }),
    openTask(2, { error: { code: 'http_500', message: 'x'.repeat(256) }, deliveries: 3 }),
  ],
  rows: [statsRow(1, { events: [{ atMs: NOW_MS, name: 'odd', fields: { text: '無'.repeat(200) } }] })],
});

const MODES: readonly Mode[] = [
  { kind: 'browse' },
  { kind: 'filter', list: 'tasks', before: '' },
  { kind: 'help', scroll: 3 },
  { kind: 'confirm', action: 'kill', workerId: 'worker-1' },
  { kind: 'detail', list: 'tasks', key: task(0).taskId, scroll: 0 },
  { kind: 'detail', list: 'workers', key: 'worker-1', scroll: 0 },
  { kind: 'detail', list: 'events', key: 'gone', scroll: 0 },
];

const text = (parts: SceneParts, columns = 120, rows = 40): string =>
  screenLines(scene(parts), { columns, rows }).map(plainText).join('\n');

describe('the screen', () => {
  it.each(SIZES)('fills a terminal of %i x %i exactly, whatever is shown', (columns, rows) => {
    const browse = PANES.flatMap((pane) =>
      [AWKWARD, snapshot(), EMPTY_SNAPSHOT].map((shown) => ({
        snapshot: shown,
        ui: { pane, isZoomed: pane === 'events' },
      })),
    );
    const popups = MODES.map((mode) => ({ snapshot: AWKWARD, ui: { mode } }));
    for (const parts of [...browse, ...popups]) {
      const lines = screenLines(scene(parts), { columns, rows });
      expect(lines).toHaveLength(rows);
      expect(new Set(lines.map(lineWidth))).toEqual(new Set([columns]));
    }
  });

  it('is pure ASCII where that is wanted, popups and foreign texts included', () => {
    for (const mode of MODES) {
      expect(text({ snapshot: AWKWARD, glyphs: ASCII, ui: { mode } })).toMatch(/^[\x20-\x7e\n]*$/);
    }
  });

  it('holds no escape but those of its own colours', () => {
    const lines = screenLines(scene({ snapshot: AWKWARD }), { columns: 120, rows: 40 });
    for (const line of lines) {
      // eslint-disable-next-line no-control-regex -- escapes are what is looked for
      expect(ansi(line, COLOR).replace(/\u001b\[[\d;]*m/g, '')).toBe(plainText(line));
      // eslint-disable-next-line no-control-regex -- no color: weight and inversion only
      expect(ansi(line, NO_COLOR)).not.toMatch(/\u001b\[[^m]*[349]\d/);
    }
  });

  it.each([
    [200, 50],
    [120, 40],
    [80, 24],
  ])('shows all panes at %i x %i, in columns that people know', (columns, rows) => {
    const shown = text({}, columns, rows);
    for (const title of ['Workers 3/3 up', 'Queue', 'Rates and latency', 'Tasks, newest first', 'Events']) {
      expect(shown).toContain(title);
    }
    expect(shown).toMatch(/worker-2 ● up +1 ■■■··· .*1234 +5 4\.3 ms +32 ms +0 s ↯ demo/);
    expect(shown).toMatch(/depth +42 .*/);
    expect(shown).toMatch(/oldest +1\.5 s/);
    expect(shown).toMatch(/dead letters +1 /);
    expect(shown).toMatch(/in +6\.0\/s .*█/);
    expect(shown).toMatch(/p99 +\d+ ms/);
    expect(shown).toMatch(/✓ succeeded POSITIVE worker-2 +1 +12 ms The tea is fragrant/);
    expect(shown).toMatch(/· queued +0 +1\.1 s|· queued +0 +1\.0 s/);
  });

  it('has the pane in focus and the figures of the others in a small terminal', () => {
    const shown = text({ ui: { pane: 'tasks' } }, 60, 15);
    expect(shown).toContain('3/3 up · depth 42 · in 6.0/s · out 5.4/s · p99 ');
    expect(shown).toContain('Tasks, newest first');
    expect(shown).not.toContain('Events');
  });

  it('says what is wrong with a tiny one', () => {
    expect(text({}, 30, 4)).toMatch(/too small[^]*40x8[^]*q quits/);
  });

  it('gives the zoomed pane all of it', () => {
    const shown = text({ ui: { pane: 'events', isZoomed: true } });
    expect(shown).toContain('Events');
    expect(shown).not.toContain('Workers');
  });
});

describe('the first line', () => {
  it('says that it is live, and where', () => {
    expect(text({}).split('\n')[0]).toMatch(/boomerang {2}● live .*http:\/\/127\.0\.0\.1:4566/);
  });

  it('says STALE with the reason, and so does each pane', () => {
    const shown = text({ nowMs: NOW_MS + 9000 }).split('\n');
    expect(shown[0]).toContain('STALE 9 s old; the stack does not answer');
    expect(shown.filter((line) => line.includes('STALE 9 s')).length).toBeGreaterThanOrEqual(3);
    expect(shown.join('\n')).toMatch(/outstanding +– /);
  });

  it.each([
    ['stack unreachable: nobody listens', snapshot(), NOW_MS + 3_540_000],
    ['stack unreachable: it does not answer', snapshot(), NOW_MS + 3_540_000],
    [NOTHING_THERE, EMPTY_SNAPSHOT, NOW_MS],
    [
      undefined,
      snapshot({ workers: [workerRecord('worker-1', { heartbeatAtMs: NOW_MS - 3_540_000 })], rows: [] }),
      NOW_MS,
    ],
  ])('has room for the whole reason in 80 columns: %s', (problem, before, nowMs) => {
    const workers = problem === undefined ? before.workers : { ...before.workers, problem };
    const shown = { ...before, workers };
    const reason = healthOf(shown, nowMs).reason ?? 'there is one';
    expect(text({ snapshot: shown, nowMs }, 80, 24).split('\n')[0]).toContain(` ${reason} `);
  });

  it('gives no figures of what was never read', () => {
    expect(text({ snapshot: EMPTY_SNAPSHOT }, 60, 15)).toMatch(/ depth – · in – · out – · /);
    expect(text({ snapshot: EMPTY_SNAPSHOT })).toMatch(/retries +– /);
  });

  it('says FROZEN, and stands still', () => {
    const frozen = { snapshot: snapshot(), atMs: NOW_MS };
    const shown = text({ snapshot: EMPTY_SNAPSHOT, ui: { frozen }, nowMs: NOW_MS + 60_000 });
    expect(shown.split('\n')[0]).toContain('FROZEN');
    expect(shown).toContain('Workers 3/3 up');
    expect(shown).not.toContain('STALE');
  });

  it('asks and tells while it is FROZEN, and a message passes there too', () => {
    const frozen = { snapshot: snapshot(), atMs: NOW_MS };
    const mode = { kind: 'confirm', action: 'kill', workerId: 'worker-1' } as const;
    expect(text({ ui: { frozen, mode } })).toMatch(/kill worker-1\?[^]*y yes[^]*Frozen: .* after p\./);
    const message = { text: 'worker-1: killed', style: 'good', untilMs: NOW_MS + 66_000 } as const;
    const lastLine = (nowMs: number) => text({ ui: { frozen, message }, nowMs }).split('\n').at(-1);
    expect(lastLine(NOW_MS + 60_000)).toContain('worker-1: killed');
    expect(lastLine(NOW_MS + 66_000)).not.toContain('killed');
  });
});

describe('the last line', () => {
  const last = (parts: SceneParts, columns = 120) => text(parts, columns).split('\n').at(-1);

  it('names the keys, those that break something for workers only', () => {
    expect(last({})).toMatch(/Tab pane.*K kill.*P pause.*R resume.*q quit/);
    expect(last({ ui: { pane: 'tasks' } })).not.toContain('kill');
    expect(last({ isReadOnly: true })).not.toContain('kill');
  });

  it('keeps how to quit where there is little room', () => {
    expect(last({}, 64)).toMatch(/\? help.*q quit/);
  });

  it('says for a while what a key has done', () => {
    const message = { text: 'worker-1: killed', style: 'good', untilMs: NOW_MS + 10 } as const;
    expect(last({ ui: { message } })).toContain('worker-1: killed');
    expect(last({ ui: { message }, nowMs: NOW_MS + 20 })).toContain('q quit');
  });

  it('shows the filter that is being typed', () => {
    const ui = {
      mode: MODES[1],
      filters: { workers: '', tasks: 'ho', events: '' },
      pane: 'tasks',
    } as Partial<UiState>;
    expect(last({ ui })).toContain('filter tasks: ho_');
  });
});

describe('lists', () => {
  const many = snapshot({ tasks: Array.from({ length: 90 }, (_, slot) => task(slot)) });

  it('keep the chosen row in sight, and mark it in the pane in focus only', () => {
    const ui: Partial<UiState> = { pane: 'tasks', chosen: { tasks: task(60).taskId } };
    const lines = screenLines(scene({ snapshot: many, ui }), { columns: 200, rows: 40 });
    const marked = lines.filter((line) => line.some(({ isChosen }) => isChosen === true));
    expect(marked.map(plainText)).toEqual([expect.stringContaining('number 60.')]);
  });

  it('say so where there is nothing, or the filter leaves nothing', () => {
    expect(text({ snapshot: EMPTY_SNAPSHOT })).toMatch(/no worker has reported yet[^]*no task yet/);
    const filters = { workers: 'x', tasks: 'y', events: 'z' };
    expect(text({ ui: { filters } })).toMatch(
      /no worker matches the filter[^]*none of the newest tasks matches/,
    );
    expect(text({ ui: { filters } })).toContain(' /y ');
  });

  it('name the reason for which a worker gets no work', () => {
    const workers = [workerRecord('worker-1', { suspicion: { reason: 'ejected' } })];
    expect(text({ snapshot: snapshot({ workers }) })).toMatch(/worker-1 ◐ ejected/);
  });
});

describe('details', () => {
  const detail = (list: 'tasks' | 'workers', key: string, shown = snapshot()) =>
    text({ snapshot: shown, ui: { mode: { kind: 'detail', list, key, scroll: 0 } } });

  it('show the whole delivery history of a task', () => {
    const at = (msAfter: number) => new Date(NOW_MS - 5000 + msAfter).toISOString();
    const error = { code: 'invoke_timeout', message: 'no answer within 2000 ms' };
    const lastLine = task(3, {
      createdAt: at(0),
      deliveries: 3,
      history: [
        {
          number: 1,
          cause: 'first',
          workerId: 'worker-1',
          startedAt: at(10),
          endedAt: at(2010),
          outcome: 'failed',
          fault: 'hang',
          error,
        },
        { number: 2, startedAt: at(2100), endedAt: at(2100), outcome: 'lost' },
        {
          number: 3,
          cause: 'visibility_timeout',
          workerId: 'worker-2',
          startedAt: at(4000),
          endedAt: at(4050),
          outcome: 'succeeded',
        },
      ],
    });
    const shown = detail('tasks', lastLine.taskId, snapshot({ tasks: [lastLine] }));
    expect(shown).toContain(lastLine.text);
    expect(shown).toMatch(/took +12 ms +queue 3\.1 ms, model 1\.9 ms/);
    expect(shown).toContain('Deliveries (3)');
    expect(shown).toMatch(/1 +\+10 ms +worker-1 +failed +2\.0 s +↯ hang +first/);
    expect(shown).toContain('invoke_timeout: no answer within 2000 ms');
    expect(shown).toMatch(/2 +\+2\.1 s +– +lost +0 ms/);
    expect(shown).toMatch(/3 +\+4\.0 s +worker-2 +succeeded +50 ms +visibility timeout/);
  });

  it('show a task that is under way, or was taken in again', () => {
    const running = openTask(4, {
      status: 'running',
      history: [{ number: 1, workerId: 'worker-3', startedAt: new Date(NOW_MS - 700).toISOString() }],
    });
    expect(detail('tasks', running.taskId, snapshot({ tasks: [running] }))).toMatch(
      /worker-3 +running +700 ms/,
    );
    const dead = task(5, {
      status: 'failed',
      redrivenAs: 'another',
      deadLetteredAt: '2026-11-24T00:00:00.000Z',
    });
    expect(detail('tasks', dead.taskId, snapshot({ tasks: [dead] }))).toMatch(
      /given up +2026-11-24.*[^]*as another/,
    );
  });

  it('find a task that is no longer among the newest', () => {
    const old = task(9);
    const shown = snapshot({ tasks: [], change: { watched: [old] } });
    expect(detail('tasks', old.taskId, shown)).toContain(old.text);
    expect(detail('tasks', 'unknown')).toContain('Not read yet, or gone.');
  });

  it('show what was injected into a worker', () => {
    const shown = detail('workers', 'worker-2');
    expect(shown).toMatch(/injected[^]*↯ error × 3/);
    expect(shown).not.toContain('delay ×');
  });

  it('ask before anything is done to a worker', () => {
    const mode = { kind: 'confirm', action: 'pause', workerId: 'worker-3' } as const;
    expect(text({ ui: { mode } })).toMatch(/pause worker-3\?[^]*y yes/);
  });

  it('explain every key, those that break something unless only looking is allowed', () => {
    const help = { mode: { kind: 'help', scroll: 0 } } as const;
    expect(text({ ui: help })).toContain('kill the chosen worker');
    expect(text({ ui: help, isReadOnly: true })).not.toContain('kill the chosen worker');
  });
});

describe('styles', () => {
  it('tell what is chosen without colours', () => {
    expect(ansi([{ ...span('row'), isChosen: true }], NO_COLOR)).toBe('\u001b[7mrow\u001b[0m');
    expect(ansi([span('down', 'bad')], NO_COLOR)).toBe('\u001b[1mdown\u001b[0m');
    expect(ansi([span('plain')], COLOR)).toBe('plain');
  });
});
