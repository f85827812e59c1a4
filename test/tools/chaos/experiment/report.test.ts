import { describe, expect, it } from 'vitest';
import { runChecks } from '../../../../tools/chaos/checks/checks.js';
import { figuresOf } from '../../../../tools/chaos/checks/figures.js';
import { journalOf, printJournal, type Journal } from '../../../../tools/chaos/experiment/journal.js';
import { printEvent, printVerdict } from '../../../../tools/chaos/experiment/live-view.js';
import { drawPicture } from '../../../../tools/chaos/experiment/picture.js';
import { readExperiment } from '../../../../tools/chaos/definition/read-experiment.js';
import { printReport } from '../../../../tools/chaos/experiment/report.js';
import type { RunResult } from '../../../../tools/chaos/experiment/run.js';
import { CannotRunError } from '../../../../tools/chaos/experiment/steady-state.js';
import { printSummary } from '../../../../tools/chaos/experiment/summary.js';
import type { Second } from '../../../../tools/chaos/evidence/tally.js';
import type { Evidence } from '../../../../tools/chaos/evidence/evidence.js';
import { healthyEvidence, mark, storedOtherwise } from '../support/evidence.js';

const experiment = readExperiment(
  'one.yaml',
  'name: one\ndescription: A <worker> dies.\nload: { rate: 1, for: 3s }\n',
);
const input = { experiment, requests: [], runId: 'run' };
const STARTED = new Date('2026-11-23T20:00:00.000Z');
const LINKS = { picture: 'timeline.svg', journal: 'journal.json' };

const KILL = mark(
  'kill any',
  { verb: 'kill', target: 'any' },
  { targets: ['worker-2'], atMs: 1000, doneAtMs: 1010, overAtMs: 1010 },
);
const PAUSE = mark(
  'pause worker-1 for 1s',
  { verb: 'pause', target: 'worker-1', forMs: 1000 },
  { targets: ['worker-1'], atMs: 1500, doneAtMs: 1510, overAtMs: 2500 },
);

function secondOf(second: number, overrides: Partial<Second> = {}): Second {
  const counts = {
    planned: 50,
    sent: 50,
    ok: 50,
    failed: 0,
    retried: 0,
    rejected: 0,
    unreached: 0,
    unknown: 0,
  };
  return { second, ...counts, p50Ms: 20, p99Ms: 90, ...overrides };
}

function journal(change: Partial<Evidence> = {}): Journal {
  const recoveries = [
    { text: 'kill any', targets: ['worker-2'], atMs: 1000, throughputMs: 0, underWay: 4, underWayMs: 1234 },
    {
      text: 'pause worker-1 for 1s',
      targets: ['worker-1'],
      atMs: 1500,
      throughputMs: undefined,
      underWay: 0,
      underWayMs: 0,
    },
  ];
  const evidence = { ...healthyEvidence(), marks: [KILL, PAUSE], recoveries, ...change };
  const result: RunResult = {
    evidence,
    figures: figuresOf(evidence),
    checks: runChecks(evidence),
    seconds: [
      secondOf(0),
      secondOf(1, { ok: 10, unknown: 7, p50Ms: undefined, p99Ms: undefined }),
      secondOf(2),
    ],
    healed: ['worker-1 resumed'],
  };
  return journalOf(input, STARTED, result);
}

describe('a report', () => {
  it('says what held, what was done, how soon it was over, and links the rest', () => {
    const report = printReport(journal(), LINKS);
    expect(report).toContain('# one: held');
    expect(report).toContain('| held | nothing accepted is lost | 0 lost |');
    expect(report).toContain('| 1.0 s | kill any | worker-2 | not felt | 4 tasks, 1.2 s |');
    expect(report).toContain(
      '| 1.5 s | pause worker-1 for 1s | worker-1 | not before the load ended | 0 tasks, 0 ms |',
    );
    expect(report).toContain('| tasks accepted | 3 |');
    expect(report).toContain('](timeline.svg)');
    expect(report).toContain('](journal.json)');
  });

  it('shows what is broken, with examples', () => {
    const report = printReport(journal(storedOtherwise(healthyEvidence(), undefined)), LINKS);
    expect(report).toContain('# one: broken');
    expect(report).toContain('| **broken** | nothing accepted is lost | 1 lost |');
    expect(report).toMatch(/- [0-9a-f-]+-0 is lost, its client was told succeeded/);
  });

  it('says why it could not run', () => {
    const failed = journalOf(input, STARTED, new CannotRunError('no worker is up'));
    expect(printReport(failed, LINKS)).toContain('no worker is up');
    expect(failed.findings).toBeUndefined();
  });

  it('keeps its tables whole, whatever a text holds', () => {
    const report = printReport(journal({ stopped: 'a | b\nc' }), LINKS);
    expect(report).toContain('| a \\| b c |');
  });
});

describe('a journal', () => {
  it('is JSON with everything in it', () => {
    const parsed = JSON.parse(printJournal(journal())) as Journal;
    expect(parsed).toMatchObject({
      version: 1,
      name: 'one',
      verdict: { outcome: 'held' },
      startedAt: '2026-11-23T20:00:00.000Z',
      findings: {
        marks: [{ text: 'kill any' }, { text: 'pause worker-1 for 1s' }],
        healed: ['worker-1 resumed'],
      },
    });
    expect(parsed.findings?.requests).toHaveLength(3);
  });
});

describe('a picture', () => {
  const { findings } = journal();
  const picture = findings === undefined ? '' : drawPicture('one: held <b>', findings);

  it('is well-formed: every tag is closed, and nothing is NaN', () => {
    const open: string[] = [];
    for (const [, closing, name = '', self] of picture.matchAll(/<(\/?)([a-z]+)[^>]*?(\/?)>/g)) {
      if (closing === '/') expect(open.pop()).toBe(name);
      else if (self !== '/') open.push(name);
    }
    expect(open).toEqual([]);
    expect(picture).not.toMatch(/NaN|Infinity|undefined/);
    expect(picture).toContain('one: held &lt;b&gt;');
  });

  it('shows each thing that was done, and to whom chance did it', () => {
    expect(picture).toContain('>kill any (worker-2)<');
    expect(picture).toContain('>pause worker-1 for 1s<');
  });

  it('breaks a line where nothing was measured', () => {
    expect(picture.match(/<circle class="p50"/g)).toHaveLength(2);
    expect(picture).not.toContain('<path class="p99"/>');
  });

  it('can be drawn of a run without anything in it', () => {
    expect(drawPicture('nothing', { seconds: [], marks: [] })).not.toMatch(/NaN|Infinity/);
  });

  it('is readable on a dark ground as well', () => {
    expect(picture).toContain('prefers-color-scheme: dark');
  });
});

describe('the live view', () => {
  const worker = (state: string) => ({ id: 'w', state, model: 'm', faults: 'none' });

  it('has one line a second', () => {
    const second = {
      ...secondOf(4, { unknown: 2, rejected: 1 }),
      phase: 'load',
      open: 7,
      workers: [worker('up'), worker('suspect'), worker('down')],
      active: [PAUSE],
    } as const;
    const [line = ''] = printEvent({ kind: 'second', second });
    expect(line.trim().split(/\s{2,}/)).toEqual([
      '5',
      '50',
      '50',
      '50',
      '0',
      '0',
      '3',
      '20',
      '90',
      '7',
      '●◐○',
      'pause worker-1 for 1s',
    ]);
  });

  it('explains its columns and signs before the first second', () => {
    const lines = printEvent({ kind: 'phase', phase: 'load' });
    const columns = (lines.at(-1) ?? '').split(/ +/).filter((word) => !['', 's', 'ms'].includes(word));
    expect(columns).toContain('retried');
    for (const column of columns) expect(lines.slice(0, -1).join(' ').toLowerCase()).toContain(column);
    expect(lines.join('\n')).toMatch(/● up .*◐ suspect.*○ down/);
    expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(80);
  });

  it('says whom chance hit, and what could not be done', () => {
    const { doneAtMs: _done, overAtMs: _over, ...begun } = KILL;
    expect(printEvent({ kind: 'mark', mark: begun, atMs: 1000 })).toEqual(['  ▶ kill any (worker-2)']);
    expect(printEvent({ kind: 'mark', mark: { ...begun, problem: 'gone' }, atMs: 1000 })).toEqual([
      '  ✗ kill any: gone',
    ]);
    expect(printEvent({ kind: 'mark', mark: PAUSE, atMs: 2500 })).toEqual([
      '  · pause worker-1 for 1s is over after 1.0 s',
    ]);
    expect(printEvent({ kind: 'mark', mark: KILL, atMs: 1010 })).toEqual([]);
  });

  it('ends in a verdict', () => {
    expect(printVerdict(journal()).at(-1)).toBe('HELD');
    expect(printVerdict(journal({ healthProblem: 'no worker is up' })).at(-1)).toContain(
      'BROKEN: the system is well again',
    );
    expect(printVerdict(journalOf(input, STARTED, new Error('why'))).at(-1)).toBe('COULD NOT RUN: why');
  });
});

describe('a summary', () => {
  it('has a row for each experiment', () => {
    const rows = printSummary([journal(), journalOf(input, STARTED, new Error('why'))]);
    expect(rows.at(-2)).toBe('| one | held | 3 | 3 | 0 | 0 | 0 | 0 | never | 1.2 s |');
    expect(rows.at(-1)).toMatch(/^\| one \| could not run \|/);
  });
});
