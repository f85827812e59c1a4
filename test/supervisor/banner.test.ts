import { describe, expect, it } from 'vitest';
import { parseFaults } from '../../contracts/worker/faults.js';
import { printBanner, type BannerInput } from '../../supervisor/banner.js';
import { describeFaults } from '../../supervisor/describe-faults.js';
import { readSupervisorConfig } from '../../supervisor/config.js';
import { describeRun, SAMPLE_TEXT } from '../../supervisor/describe-run.js';
import { wrapText } from '../../infra/cli/wrap-text.js';

const input: BannerInput = {
  readyAfterMs: 2943,
  processes: [
    { name: 'coordinator', url: 'http://127.0.0.1:8080', what: 'takes texts: POST /infer' },
    { name: 'worker-1', url: 'http://127.0.0.1:9001', what: 'runs a model of its own' },
    { name: 'stack', url: 'http://127.0.0.1:4566', what: 'SQS and DynamoDB, embedded' },
  ],
  model: 'the bundled one',
  faults: describeFaults(parseFaults('demo')),
  data: '.boomerang/',
  coordinatorUrl: 'http://127.0.0.1:8080',
  needsApiKey: false,
  sample: { text: 'It made me laugh.', answer: '{"requestId":"r1","label":"POSITIVE","score":0.99}' },
  slowAnswerReason: undefined,
  monitorCommand: 'npm run monitor',
  burstCommand: 'npm run burst',
  killCommand: 'npm run chaos -- kill any',
  colours: false,
};

describe('the banner', () => {
  it('says what runs where, and what to try', () => {
    const banner = printBanner(input);
    expect(banner).toContain('Ready after 2.9 s');
    expect(banner).toMatch(/worker-1 +http:\/\/127\.0\.0\.1:9001/);
    expect(banner).toContain(`-d '{"text":"It made me laugh."}'`);
    expect(banner).toContain('"label":"POSITIVE"');
    expect(banner).toContain('curl -s http://127.0.0.1:8080/workers');
    expect(banner).toMatch(/^ {2}http:\/\/127\.0\.0\.1:8080\/\n +in a browser: the dashboard/m);
    expect(banner).toMatch(/^ {2}npm run monitor$/m);
    expect(banner).toMatch(/^ {2}npm run burst$/m);
    expect(banner).toContain('npm run chaos -- kill any');
    expect(banner).toContain('Ctrl-C');
  });

  it('fits a terminal of 80 columns', () => {
    const answer = `{${Array.from({ length: 20 }, (_, index) => `"field${index}":"value"`).join(',')}}`;
    const banner = printBanner({ ...input, sample: { text: SAMPLE_TEXT, answer } });
    expect(banner.split('\n').filter((line) => line.length > 80)).toEqual([]);
  });

  it('has colours only where they are wanted', () => {
    expect(printBanner(input)).not.toContain('\u001B');
    expect(printBanner({ ...input, colours: true })).toContain('\u001B[1m');
  });

  it('claims no answer that it did not get', () => {
    const banner = printBanner({ ...input, sample: { text: 'It made me laugh.', answer: undefined } });
    expect(banner).not.toContain('answered');
    expect(banner).toContain('no quick answer this time\n');
  });

  it('says why there may be no answer, and how to have none of it', () => {
    const slowAnswerReason = 'faults are on (off with --faults none)';
    const banner = printBanner({ ...input, slowAnswerReason, sample: { text: 'Fun.', answer: undefined } });
    expect(banner).toContain(`no quick answer this time: ${slowAnswerReason}`);
    const run = (environment: Record<string, string>) =>
      describeRun({
        config: readSupervisorConfig(environment, '/project', '/current'),
        children: [],
        coordinatorUrl: 'http://127.0.0.1:8080',
        readyAfterMs: 1,
        answer: undefined,
        currentFolder: '/current',
        projectRoot: '/project',
        colours: false,
      });
    expect(run({})).toMatchObject({
      slowAnswerReason,
      faults: expect.stringContaining('--faults none') as string,
    });
    expect(run({ FAULTS: 'none' })).toMatchObject({ slowAnswerReason: undefined, faults: 'none' });
  });

  it('says how long a failed request takes, and how to choose otherwise', () => {
    const failures = (environment: Record<string, string>) =>
      describeRun({
        config: readSupervisorConfig(environment, '/project', '/current'),
        children: [],
        coordinatorUrl: 'http://127.0.0.1:8080',
        readyAfterMs: 1,
        answer: undefined,
        currentFolder: '/current',
        projectRoot: '/project',
        colours: false,
      }).redelivery ?? '';
    expect(failures({})).toMatch(/takes about 5 s: SQS's visibility timeout.*--redelivery backoff/);
    expect(failures({ VISIBILITY_TIMEOUT_SECONDS: '3' })).toContain('about 3 s');
    expect(failures({ REDELIVERY: 'backoff' })).toContain('--redelivery timeout');
    const banner = printBanner({ ...input, redelivery: failures({}) });
    expect(banner).toMatch(/^ {2}retries +a failed request takes about 5 s/m);
    expect(banner.split('\n').filter((line) => line.length > 80)).toEqual([]);
  });

  it('names commands that reach this system, wherever it is', () => {
    const run = (environment: Record<string, string>, coordinatorUrl: string) =>
      describeRun({
        config: readSupervisorConfig(environment, '/project', '/current'),
        children: [],
        coordinatorUrl,
        readyAfterMs: 1,
        answer: undefined,
        currentFolder: '/current',
        projectRoot: '/project',
        colours: false,
      });
    expect(run({}, 'http://127.0.0.1:8080')).toMatchObject({
      monitorCommand: 'npm run monitor',
      burstCommand: 'npm run burst',
    });
    expect(run({ BOOMERANG_DATA: '/other' }, 'http://127.0.0.1:8081')).toMatchObject({
      monitorCommand: 'npm run monitor -- --data /other',
      burstCommand: 'npm run burst -- --url http://127.0.0.1:8081',
      killCommand: 'npm run chaos -- kill any --data /other',
    });
  });

  it('shows how a key is sent, never the key', () => {
    expect(printBanner({ ...input, needsApiKey: true })).toContain('Bearer $API_KEY');
  });

  it('can be pasted into a shell whatever the text', () => {
    const banner = printBanner({ ...input, sample: { text: "It's fun", answer: undefined } });
    expect(banner).toContain(`-d '{"text":"It'\\''s fun"}'`);
  });
});

describe('faults in words', () => {
  it.each([
    ['none', 'none'],
    [
      'demo',
      'demo: on purpose, 5 % of invokes answer an error, 1 % crash their worker, 1 % never answer, each waits 20±20 ms',
    ],
    ['delay=5±0', 'on purpose, each waits 5±0 ms'],
    [
      'drop=0.125,poison=BOOM',
      'on purpose, 12.5 % of invokes drop the connection, a text with "BOOM" crashes its worker',
    ],
  ])('%s', (faults, words) => {
    expect(describeFaults(parseFaults(faults))).toBe(words);
  });
});

describe('wrapped text', () => {
  it('breaks after spaces and commas', () => {
    expect(wrapText('one two,three four', 9)).toEqual(['one two,', 'three', 'four']);
  });

  it('keeps a long word whole', () => {
    expect(wrapText('a incomprehensibilities b', 5)).toEqual(['a', 'incomprehensibilities', 'b']);
  });
});
