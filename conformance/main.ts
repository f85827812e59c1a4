/** `npm run test:stack`: one suite against whatever SQS and DynamoDB it is pointed at. */
import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { hideBin } from 'yargs/helpers';
import { messageOf } from '../contracts/common/text.js';
import { createClients } from '../infra/aws/clients.js';
import { removeAllNamed } from '../infra/aws/remove-resources.js';
import { projectRoot } from '../infra/process/project-root.js';
import { stopSignal } from '../infra/process/stop-requests.js';
import { countOf, printCheck, type CheckResult } from './check-result.js';
import { readSuiteConfig, type SuiteConfig } from './config.js';
import { measureCosts } from './measure.js';
import { runChecks } from './run-checks.js';
import { printDifferences, printRow, tableHead, withRow } from './table.js';

const ANSWER_WITHIN_MS = 5000;

try {
  await main(readSuiteConfig(hideBin(process.argv), process.env));
} catch (error) {
  console.error(messageOf(error));
  process.exitCode = 1;
}

async function main(config: SuiteConfig): Promise<void> {
  const clients = createClients(config); // refuses real AWS that nobody opted in to
  for (const endpoint of [config.endpointSqs, config.endpointDynamodb]) await expectAnswer(endpoint);
  const prefix = `stack-${randomBytes(4).toString('hex')}-`;
  const signal = stopSignal();
  try {
    await check(config, prefix, signal);
  } finally {
    // Checks that were cut off could not do so themselves.
    if (signal.aborted) await removeAllNamed(prefix, clients);
    clients.close();
  }
}

async function check(config: SuiteConfig, prefix: string, signal: AbortSignal): Promise<void> {
  const onCheck = (check: CheckResult) => console.log(printCheck(check));
  const checks = await runChecks(config, { root: projectRoot, prefix, signal, onCheck });
  if (signal.aborted) {
    process.exitCode = 130;
    return;
  }
  const costs = config.costs ? await measureCosts(config, prefix) : undefined;
  const row = { stack: config.name, checks, costs };
  const [passed, differs, failed] = [
    countOf(checks, 'passed'),
    countOf(checks, 'differs'),
    countOf(checks, 'failed'),
  ];
  console.log(`\n${passed} passed, ${differs} differ from AWS and are worked around, ${failed} failed\n`);
  console.log([...tableHead, printRow(row), '', printDifferences(row)].join('\n'));
  if (config.json !== undefined) await writeFile(config.json, `${JSON.stringify(row, null, 2)}\n`);
  if (config.write !== undefined) {
    await writeFile(config.write, withRow(await readFile(config.write, 'utf8'), row));
  }
  // vitest takes what differs for failed.
  process.exitCode = failed > 0 || passed === 0 ? 1 : 0;
}

/** It is ignored: a hundred failed checks would tell no more than that nothing is there. */
async function expectAnswer(endpoint: string | undefined): Promise<void> {
  if (endpoint === undefined) return;
  try {
    await (await fetch(endpoint, { signal: AbortSignal.timeout(ANSWER_WITHIN_MS) })).text();
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    throw new Error(`nothing answers at ${endpoint}: ${messageOf(cause)}`, { cause: error });
  }
}
