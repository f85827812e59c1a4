import { CHANCE_KINDS, FAULT_KINDS, WORD_KINDS } from '../contracts/worker/fault-kinds.js';
import { printFaults, wordField, type FaultPlan } from '../contracts/worker/faults.js';

/** `demo: on purpose, 5 % of invokes answer an error, …` */
export function describeFaults(plan: FaultPlan): string {
  const parts = CHANCE_KINDS.flatMap((kind) => {
    const chance = plan.chances[kind];
    return chance === undefined ? [] : [`${percent(chance)} ${FAULT_KINDS[kind].byChance}`];
  });
  const [first, ...rest] = parts;
  const sentences = first === undefined ? [] : [first.replace('%', '% of invokes'), ...rest];
  if (plan.delay !== undefined) sentences.push(`each waits ${plan.delay.meanMs}±${plan.delay.spreadMs} ms`);
  for (const kind of WORD_KINDS) {
    const word = plan[wordField(kind)];
    if (word !== undefined) sentences.push(`a text with "${word}" ${FAULT_KINDS[kind].byWord}`);
  }
  if (sentences.length === 0) return 'none';
  const name = printFaults(plan);
  const prefix = name.includes('=') ? '' : `${name}: `;
  return `${prefix}on purpose, ${sentences.join(', ')}`;
}

function percent(chance: number): string {
  return `${Number((chance * 100).toFixed(3))} %`;
}
