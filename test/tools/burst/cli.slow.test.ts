import { describe, expect, it } from 'vitest';
import { summarySchema } from '../../../tools/burst/summary-schema.js';
import { problem, startFakeCoordinator, succeeded, wellAnswered } from './support/fake-coordinator.js';
import { runHere, summaryOf } from './support/run.js';

/** The least that `GET /tasks/:id` answers. */
const A_TASK = {
  batchId: 'gone',
  requestId: 'r',
  text: 'good',
  createdAt: '2026-01-01T00:00:00.000Z',
  sends: 1,
  history: [],
};
const QUICK = ['--rate', '200', '--count', '10'];

describe('npm run burst', () => {
  it('shows a line for each request and what it all came to', async () => {
    const { url } = await startFakeCoordinator();
    const { code, shown, errors } = await runHere(['--url', url, ...QUICK]);
    expect({ code, errors }).toEqual({ code: 0, errors: '' });
    expect(shown.match(/^✓ burst-\w+-\d+ +worker-1 +\S+ ms +– +POSITIVE$/gm)).toHaveLength(10);
    expect(shown).toMatch(/ok +10 +100\.0 %/);
    expect(shown).toMatch(/from the planned time/);
    expect(shown).not.toContain('\u001b');
  });

  it('shows a line for each second instead', async () => {
    const { url } = await startFakeCoordinator();
    const { shown } = await runHere(['--url', url, '--rate', '50', '--duration', '1200ms', '--no-each']);
    expect(shown).toMatch(/^ +s +offered +sent +answered +errors +p50 +p99\n +1( +\d+){4}( +\S+ m?s){2}$/m);
    expect(shown).not.toContain('✓');
  });

  it('shows the last second too, though it was not over', async () => {
    const { url } = await startFakeCoordinator();
    const { shown } = await runHere(['--url', url, ...QUICK, '--no-each']);
    expect(shown).toMatch(/^ +s +offered +sent.*\n +1 +10 +10 +10 +0 /m);
  });

  it('asks what it is told to ask', async () => {
    const coordinator = await startFakeCoordinator();
    const words = [
      '--text',
      'one',
      '--text',
      'two',
      '--texts',
      '3',
      '--keys',
      '--deadline',
      '2s',
      '--timeout',
      '5s',
    ];
    await runHere(['--url', coordinator.url, ...QUICK, ...words], { apiKey: 'secret' });
    expect(coordinator.requested).toHaveLength(10);
    for (const { requestId, texts, headers, body } of coordinator.requested) {
      expect(texts).toHaveLength(3);
      expect(texts.every((text) => ['one', 'two'].includes(text))).toBe(true);
      expect(headers).toMatchObject({
        'idempotency-key': requestId,
        authorization: 'Bearer secret',
        prefer: 'wait=4',
      });
      expect(body).toMatchObject({ deadlineMs: 2000 });
    }
    expect(new Set(coordinator.requested.map(({ requestId }) => requestId)).size).toBe(10);
  });

  it('draws no latencies where nothing was answered, and no end before that of the load', async () => {
    const { url } = await startFakeCoordinator({ infer: () => undefined });
    const silent = await runHere([
      '--url',
      url,
      '--rate',
      '200',
      '--count',
      '3',
      '--timeout',
      '100ms',
      '--follow',
      '0s',
    ]);
    expect(silent.shown).toMatch(/timed out +3 /);
    expect(silent.shown).not.toContain('latency, requests');
    const queued = {
      status: 202,
      body: { requestId: 'r', taskId: 'gone-0', status: 'queued', deliveries: 0 },
    };
    const accepting = await startFakeCoordinator({ infer: () => queued });
    const { shown } = await runHere([
      '--no-each',
      '--url',
      accepting.url,
      '--rate',
      '5',
      '--duration',
      '1s',
      '--async',
      '--follow',
      '0s',
    ]);
    expect(shown).toMatch(/requests in 1\.0 s\n/);
    expect(shown).not.toContain('from the planned time');
  });

  it('refuses a flag that is given twice, and names it', async () => {
    const { code, errors } = await runHere(['--in-flight', '3', '--in-flight', '4']);
    expect(code).toBe(1);
    expect(errors).toMatch(/^--in-?[fF]light takes one value, and was given 3 and 4/);
  });

  it('sends no key unless it is asked to, and one text as one', async () => {
    const coordinator = await startFakeCoordinator();
    await runHere(['--url', coordinator.url, ...QUICK, '--async']);
    const [first] = coordinator.requested;
    expect(first?.headers).not.toHaveProperty('idempotency-key');
    expect(first?.headers).toMatchObject({ prefer: 'respond-async' });
    expect(first?.body).toEqual({ text: first?.texts[0] });
  });

  it('compares answers with the expected labels', async () => {
    const coordinator = await startFakeCoordinator();
    const { outcomes } = await summaryOf(['--url', coordinator.url, ...QUICK, '--check']);
    const dreadful = coordinator.requested.filter(({ texts }) => texts[0]?.includes('dreadful')).length;
    expect(dreadful).toBeGreaterThan(0);
    expect(outcomes).toMatchObject({ wrong: dreadful, ok: 10 - dreadful });
  });

  it('tells failed, rejected, timed out and broken requests apart', async () => {
    const { url, lookedUp } = await startFakeCoordinator({
      infer: (requested, turn) => {
        if (turn === 1) return problem(502, 'task_failed', { taskId: 'gone-0' });
        if (turn === 2) return problem(429, 'overloaded');
        if (turn === 3) return undefined;
        if (turn === 4) return 'reset';
        if (turn === 5) return problem(504, 'deadline_exceeded', { taskId: 'late-0' });
        return wellAnswered(requested);
      },
      task: (taskId) => ({
        status: 200,
        body: { ...A_TASK, taskId, status: 'failed', deliveries: 10, workerId: 'worker-3' },
      }),
    });
    const { outcomes, retries } = await summaryOf(['--url', url, ...QUICK, '--timeout', '300ms']);
    expect(outcomes).toMatchObject({ failed: 1, rejected: 1, timedOut: 1, connection: 1, expired: 1, ok: 5 });
    // The problem document does not tell how often it was delivered: the task does.
    expect(lookedUp).toContain('/tasks/gone-0');
    expect(retries).toContainEqual({ retries: 9, tasks: 1 });
  });

  it('ends with 99 where a condition does not hold, and says which', async () => {
    const { url } = await startFakeCoordinator({
      infer: (requested, turn) => (turn === 3 ? problem(429, 'overloaded') : wellAnswered(requested)),
    });
    const held = await runHere(['--url', url, ...QUICK, '--fail-if', 'p99<20s,lost=0,rejected<=1']);
    expect(held.code).toBe(0);
    expect(held.shown).toMatch(/✓ held {4}lost=0: 0/);
    const broken = await runHere(['--url', url, ...QUICK, '--fail-if', 'p99<20s', '--fail-if', 'ok>100%']);
    expect(broken.code).toBe(99);
    expect(broken.shown).toMatch(/✓ held {4}p99<20s: .* ms\n✗ broken {2}ok>100%: 100%/);
  });

  it('writes what it is told to write', async () => {
    const { url } = await startFakeCoordinator();
    const files = ['--json', 'a.json', '--csv', 'a.csv', '--ndjson', 'a.ndjson', '--svg', 'a.svg'];
    const { written, shown } = await runHere(['--url', url, ...QUICK, ...files], { apiKey: 'secret' });
    expect(Object.keys(written).toSorted()).toEqual(['a.csv', 'a.json', 'a.ndjson', 'a.svg']);
    expect(summarySchema.parse(JSON.parse(written['a.json'] ?? ''))).toMatchObject({
      requests: { sent: 10 },
    });
    expect(written['a.csv']?.split('\r\n')).toHaveLength(12);
    expect(written['a.ndjson']?.split('\n')).toHaveLength(11);
    expect(written['a.svg']).toMatch(/^<svg [\s\S]*<\/svg>\n$/);
    expect(shown + Object.values(written).join()).not.toContain('secret');
  });

  it('prints one object and nothing else for programs', async () => {
    const { url } = await startFakeCoordinator();
    const { out } = await runHere(['--url', url, ...QUICK, '--json']);
    expect(summarySchema.parse(JSON.parse(out))).toMatchObject({ url, outcomes: { ok: 10 } });
  });

  it('warns of a coordinator that is not ready, and goes on', async () => {
    const { url } = await startFakeCoordinator({ stats: problem(503, 'stack_unavailable') });
    const { code, shown } = await runHere(['--url', url, ...QUICK]);
    expect(code).toBe(0);
    expect(shown).toContain('503 stack_unavailable');
  });

  it.each([
    [problem(401, 'unauthorized'), 'set API_KEY'],
    [{ status: 404, body: {} }, 'is no coordinator'],
  ])('sends nothing where %j', async (stats, words) => {
    const { url, requested } = await startFakeCoordinator({ stats });
    const { code, errors } = await runHere(['--url', url, ...QUICK]);
    expect(code).toBe(1);
    expect(errors).toContain(words);
    expect(errors.trim().split('\n')).toHaveLength(1);
    expect(requested).toEqual([]);
  });

  it.each([
    [['--fail-if', 'p98<3'], '"p98"'],
    [['--rate', 'fast'], '--rate'],
    [['--csv', '--rate', '5'], 'Not enough arguments following: csv'],
    [['--ratee', '5'], 'ratee'],
    [['--url', 'http://example.org'], '--i-own-this'],
    [['--url', 'http://:secret@127.0.0.1:1'], '--url: expected an address without a password'],
    [['--url', 'http://127.0.0.1:1/base'], '--url: expected an address without a path'],
    [['--url', 'http://127.0.0.1:1/?key=1'], '--url: expected an address without a path'],
    [['--api-key', 'two\nlines'], '--api-key would show the key to every user of this machine: set API_KEY'],
    [['go'], 'go'],
  ])('refuses %j before anything is sent', async (words, said) => {
    const { url, requested, lookedUp } = await startFakeCoordinator();
    const { code, errors } = await runHere(words.includes('--url') ? words : [...words, '--url', url]);
    expect(code).toBe(1);
    expect(errors).toContain(said);
    expect([requested, lookedUp]).toEqual([[], []]);
  });

  it('tells of a file that could not be written, and gives all else', async () => {
    const { url } = await startFakeCoordinator();
    const written: string[] = [];
    const { code, out, shown } = await runHere(
      ['--url', url, ...QUICK, '--json', '--csv', 'full/a.csv', '--ndjson', 'a.ndjson'],
      {
        writeFile: (path) => {
          if (path.startsWith('full')) throw new Error('no space left');
          written.push(path);
        },
      },
    );
    expect(code).toBe(1);
    expect(shown).toContain('full/a.csv could not be written whole: no space left');
    expect(written).toEqual(['a.ndjson']);
    expect(summarySchema.parse(JSON.parse(out))).toMatchObject({ outcomes: { ok: 10 } });
  });

  it('writes no two results to one file', async () => {
    const { url, requested } = await startFakeCoordinator();
    const { code, errors } = await runHere(['--url', url, ...QUICK, '--json', 'a', '--csv', './a']);
    expect({ code, errors }).toEqual({ code: 1, errors: '--csv ./a: another result is written there\n' });
    expect(requested).toEqual([]);
  });

  it('says so where it is stopped before anything is sent', async () => {
    const { url, requested } = await startFakeCoordinator();
    const { code, errors } = await runHere(['--url', url, ...QUICK], {
      listenForStop: () => AbortSignal.abort(),
    });
    expect({ code, errors }).toEqual({ code: 1, errors: 'stopped by hand before anything was sent\n' });
    expect(requested).toEqual([]);
  });

  it('sends keys that no other burst has', async () => {
    const { url, requested } = await startFakeCoordinator();
    const words = ['--url', url, '--rate', '100', '--count', '3', '--keys'];
    await Promise.all([runHere(words), runHere(words)]);
    expect(new Set(requested.map(({ headers }) => headers['idempotency-key'])).size).toBe(6);
  });

  it('says before the load that a file cannot be written', async () => {
    const { url, requested } = await startFakeCoordinator();
    const { code, errors } = await runHere(['--url', url, '--csv', '/nowhere/a.csv'], {
      checkWritable: () => {
        throw new Error('no such folder');
      },
    });
    expect({ code, errors }).toEqual({
      code: 1,
      errors: '/nowhere/a.csv cannot be written: no such folder\n',
    });
    expect(requested).toEqual([]);
  });

  it('has a help that shows flags in groups and examples', async () => {
    const { code, out } = await runHere(['--help']);
    expect(code).toBe(0);
    for (const words of [
      'How much, and when:',
      '--arrivals',
      '--fail-if',
      'compare <before> <after>',
      '99',
    ]) {
      expect(out).toContain(words);
    }
  });
});

describe('compare', () => {
  it.each([
    [['a.json'], 'Not enough'],
    [['a.json', 'b.json'], 'a.json cannot be read as JSON: there is no a.json'],
    [['a.json', 'b.json', '--rate', '3'], 'rate'],
  ])('refuses %j of nothing', async (words, said) => {
    const { code, errors } = await runHere(['compare', ...words]);
    expect(code).toBe(1);
    expect(errors).toContain(said);
  });

  async function twoRuns() {
    const slow = {
      infer: (requested: Parameters<typeof wellAnswered>[0]) => ({ ...wellAnswered(requested), delayMs: 60 }),
    };
    const [quick, delayed] = await Promise.all([startFakeCoordinator(), startFakeCoordinator(slow)]);
    const before = await summaryOf(['--url', quick.url, ...QUICK]);
    const after = await summaryOf(['--url', delayed.url, ...QUICK, '--texts', '2']);
    const files: Readonly<Record<string, string>> = {
      'a.json': JSON.stringify(before),
      'b.json': JSON.stringify(after),
      'c.json': JSON.stringify({ ...before, latencyMs: {} }),
      'package.json': '{"name":"boomerang"}',
      'd.txt': 'hello',
    };
    return (path: string) => files[path] ?? '';
  }

  it('lays two results beside each other, with ratios', async () => {
    const readFile = await twoRuns();
    const { code, out } = await runHere(['compare', 'a.json', 'b.json'], { readFile });
    expect(code).toBe(0);
    expect(out).toMatch(/^p50 +\S+ ms +\S+ ms +\+\S+ ms +\d+\.\d\d×$/m);
    expect(out).toMatch(/^requests +10 +10 +±0 +1\.00×$/m);
    expect(out).toContain('! Not asked the same: --texts 1 and 2.');
    const json = await runHere(['compare', 'a.json', 'b.json', '--json'], { readFile });
    expect(JSON.parse(json.out)).toMatchObject({
      before: 'a.json',
      differences: expect.arrayContaining([
        { name: 'requests', unit: 'count', before: 10, after: 10, ratio: 1 },
      ]) as unknown,
    });
  });

  it.each([
    [['package.json', 'a.json'], 'package.json is no result of burst'],
    [['a.json', 'c.json'], 'c.json is no result of burst'],
    [['a.json', 'd.txt'], 'd.txt cannot be read as JSON'],
  ])('refuses %j', async (names, words) => {
    const { code, errors } = await runHere(['compare', ...names], { readFile: await twoRuns() });
    expect(code).toBe(1);
    expect(errors).toContain(words);
  });
});

describe('answers of several workers', () => {
  it('are shared out by worker in the summary', async () => {
    const { url } = await startFakeCoordinator({
      infer: ({ requestId }, turn) => ({
        status: 200,
        body: {
          requestId,
          ...succeeded(requestId, { workerId: `worker-${1 + (turn % 2)}`, deliveries: 1 + (turn % 2) }),
        },
      }),
    });
    const { shown } = await runHere(['--url', url, ...QUICK]);
    expect(shown).toMatch(/worker-1 +5 +50\.0 %/);
    expect(shown.match(/^↻ burst-\w+-\d+ +worker-2 +\S+ ms +1 +POSITIVE$/gm)).toHaveLength(5);
    expect(shown).toMatch(/ok after retry +5 +50\.0 %/);
  });
});
