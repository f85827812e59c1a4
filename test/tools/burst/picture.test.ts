import { describe, expect, it } from 'vitest';
import { problem, startFakeCoordinator, wellAnswered } from './support/fake-coordinator.js';
import { runHere } from './support/run.js';

const count = (text: string, part: string): number => text.split(part).length - 1;

describe('the picture of a run', () => {
  it('holds a dot for each answer, a bar of outcomes and its legend', async () => {
    const { url } = await startFakeCoordinator({
      infer: (requested, turn) => (turn % 4 === 0 ? problem(429, 'overloaded') : wellAnswered(requested)),
    });
    const words = ['--url', url, '--arrivals', 'bursts', '--rate', '40', '--peak', '200'];
    const { written } = await runHere([
      ...words,
      ...[
        '--every',
        '200ms',
        '--peak-for',
        '50ms',
        '--duration',
        '500ms',
        '--svg',
        'a.svg',
        '--json',
        'a.json',
      ],
    ]);
    const svg = written['a.svg'] ?? '';
    const { outcomes } = JSON.parse(written['a.json'] ?? '') as {
      outcomes: { ok: number; rejected: number };
    };
    expect(outcomes.rejected).toBeGreaterThan(0);
    // And one in the legend.
    expect(count(svg, 'class="okDot"')).toBe(outcomes.ok + 1);
    expect(count(svg, 'class="band"')).toBe(2);
    expect(svg).toContain(`ok ${outcomes.ok} (`);
    expect(svg).toContain(`rejected (429) ${outcomes.rejected} (`);
    expect(svg).toContain('prefers-color-scheme: dark');
    expect(svg).not.toMatch(/NaN|Infinity|undefined/);
  });

  it('can be drawn of a run in which nothing was answered', async () => {
    const { url } = await startFakeCoordinator({ infer: () => problem(429, 'overloaded') });
    const { written } = await runHere(['--url', url, '--count', '1', '--svg', 'a.svg']);
    expect(written['a.svg']).toContain('rejected (429) 1 (100.0 %)');
    expect(written['a.svg']).not.toMatch(/NaN|Infinity|undefined/);
  });
});
