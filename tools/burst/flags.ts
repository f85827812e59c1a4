/** The flags of a burst, as its help shows them. What may stand behind them is checked in settings.ts. */
import type { Argv } from 'yargs';
import { API_KEY_FLAG } from '../../infra/cli/secret-flags.js';
import { FIGURE_NAMES } from './gates.js';
import { ARRIVALS } from './settings.js';

const GROUPS = {
  load: 'How much, and when:',
  shapes: 'Shapes of --arrivals:',
  requested: 'What is asked:',
  clients: 'How clients behave:',
  shown: 'What is shown and written:',
};

/** @param url where the coordinator is if none is given */
export function addFlags<T>(command: Argv<T>, url: string) {
  return addOutputFlags(addAskingFlags(addLoadFlags(command, url)))
    .epilogue(
      'Open loop, unless --closed: send times are planned beforehand, and latency counts from the planned time, so that a stall of the system ' +
        'cannot hide. The raw latency, from the sending, stands beside it.\n\n' +
        `Conditions of --fail-if: ${FIGURE_NAMES.join(', ')}, with < <= = >= >. Latencies in ms or with a unit; counts as numbers or as % of all requests; ` +
        'throughput is what was ok a second.\n\n' +
        'Exit codes: 0 ok, 1 could not run, 99 a condition of --fail-if does not hold. Ctrl-C stops the load and still reports.',
    )
    .example('$0', '20 requests a second for 5 s')
    .example('$0 --rate 200 --duration 30s', 'more of them')
    .example('$0 --arrivals bursts --rate 5 --peak 300', 'bursts every 2 s, calm between them')
    .example('$0 --closed 16 --duration 10s', '16 clients, each as fast as it is answered')
    .example('$0 --text "I love it" --count 1', 'one request')
    .example('$0 --check --fail-if "p99<10s,lost=0,error<1%"', 'a gate for CI')
    .example('$0 --json a.json --svg a.svg', 'figures and a picture in files')
    .example('$0 compare a.json b.json', 'before and after');
}

function addLoadFlags<T>(command: Argv<T>, url: string) {
  return command
    .option('url', {
      group: GROUPS.load,
      type: 'string',
      requiresArg: true,
      default: url,
      describe: 'the coordinator',
    })
    .option('i-own-this', {
      group: GROUPS.load,
      type: 'boolean',
      default: false,
      describe: 'loads another machine than this one',
    })
    .option('rate', {
      group: GROUPS.load,
      type: 'number',
      requiresArg: true,
      describe: 'requests a second',
      defaultDescription: '20',
    })
    .option('duration', {
      group: GROUPS.load,
      type: 'string',
      requiresArg: true,
      describe: 'how long requests are sent: 500ms, 10s, 2m',
      defaultDescription: '5s',
    })
    .option('count', {
      group: GROUPS.load,
      type: 'number',
      requiresArg: true,
      describe: 'how many requests, instead of or besides --duration',
    })
    .option('arrivals', {
      group: GROUPS.load,
      type: 'string',
      requiresArg: true,
      default: 'poisson',
      describe: ARRIVALS.join(', '),
    })
    .option('closed', {
      group: GROUPS.load,
      type: 'number',
      requiresArg: true,
      describe:
        'so many clients that wait for their answers; with --rate they keep to its times where they can',
    })
    .option('seed', {
      group: GROUPS.load,
      type: 'number',
      requiresArg: true,
      default: 1,
      describe: 'the same seed plans the same times and texts',
    })
    .option('in-flight', {
      group: GROUPS.load,
      type: 'number',
      requiresArg: true,
      default: 1000,
      describe: 'requests under way at once; beyond them none is sent',
    })
    .option('peak', {
      group: GROUPS.shapes,
      type: 'number',
      requiresArg: true,
      describe: 'bursts, spike: requests a second at their height',
      defaultDescription: '5 × rate',
    })
    .option('peak-for', {
      group: GROUPS.shapes,
      type: 'string',
      requiresArg: true,
      describe: 'bursts, spike: how long one lasts',
      defaultDescription: '500ms; spike: a fifth',
    })
    .option('every', {
      group: GROUPS.shapes,
      type: 'string',
      requiresArg: true,
      describe: 'bursts: from the start of one to that of the next',
      defaultDescription: '2s',
    })
    .option('at', {
      group: GROUPS.shapes,
      type: 'string',
      requiresArg: true,
      describe: 'spike: when it begins',
      defaultDescription: 'after 40 % of it',
    })
    .option('to', {
      group: GROUPS.shapes,
      type: 'number',
      requiresArg: true,
      describe: 'ramp: requests a second at its end',
      defaultDescription: '5 × rate',
    });
}

function addAskingFlags<T>(command: Argv<T>) {
  return command
    .option('texts', {
      group: GROUPS.requested,
      type: 'number',
      requiresArg: true,
      default: 1,
      describe: 'texts in a request',
    })
    .option('text', {
      group: GROUPS.requested,
      type: 'string',
      requiresArg: true,
      describe: 'this text; may come several times',
      defaultDescription: 'the bundled examples',
    })
    .option('file', {
      group: GROUPS.requested,
      type: 'string',
      requiresArg: true,
      describe: 'one text a line, perhaps with POSITIVE or NEGATIVE and a tab before it',
    })
    .option('check', {
      group: GROUPS.requested,
      type: 'boolean',
      default: false,
      describe: 'compares answers with the expected labels',
    })
    .option('async', {
      group: GROUPS.clients,
      type: 'boolean',
      default: false,
      describe: 'asks for a receipt (202) and follows the task',
    })
    .option('deadline', {
      group: GROUPS.clients,
      type: 'string',
      requiresArg: true,
      describe: 'after which the system is to give a task up',
    })
    .option('timeout', {
      group: GROUPS.clients,
      type: 'string',
      requiresArg: true,
      default: '40s',
      describe: 'how long an answer is waited for',
    })
    .option('follow', {
      group: GROUPS.clients,
      type: 'string',
      requiresArg: true,
      default: '60s',
      describe: 'how long an accepted task is asked for until it counts as lost; 0s: not at all',
    })
    .option('keys', {
      group: GROUPS.clients,
      type: 'boolean',
      default: false,
      describe: 'sends an Idempotency-Key with each request (costs writes of its own)',
    })
    .option('api-key-file', {
      group: GROUPS.clients,
      type: 'string',
      requiresArg: true,
      describe: 'file that holds the key that the coordinator wants; or set API_KEY',
    })
    .option('api-key', API_KEY_FLAG);
}

function addOutputFlags<T>(command: Argv<T>) {
  return command
    .option('each', {
      group: GROUPS.shown,
      type: 'boolean',
      describe: 'a line for each request',
      defaultDescription: 'up to 200 requests',
    })
    .option('json', {
      group: GROUPS.shown,
      type: 'string',
      describe: 'prints one JSON object and nothing else, or writes it to a file',
    })
    .option('csv', {
      group: GROUPS.shown,
      type: 'string',
      requiresArg: true,
      describe: 'writes a row for each request to this file',
    })
    .option('ndjson', {
      group: GROUPS.shown,
      type: 'string',
      requiresArg: true,
      describe: 'writes a JSON object for each request to this file',
    })
    .option('svg', {
      group: GROUPS.shown,
      type: 'string',
      requiresArg: true,
      describe: 'draws latency, throughput and outcomes into this file',
    })
    .option('fail-if', {
      group: GROUPS.shown,
      type: 'string',
      requiresArg: true,
      describe: 'ends with 99 unless all of these hold: p99<2000,lost=0,error<1%',
    });
}
