import { CHANCE_KINDS, printFaults, type ChanceKind, type FaultPlan } from '../../contracts/faults.js';

const IN_WORDS: Readonly<Record<ChanceKind, string>> = {
  error: 'answer an error',
  crash: 'crash their worker',
  hang: 'never answer',
  drop: 'drop the connection',
  partial: 'fail some of their tasks',
  garbage: 'answer nonsense',
  late: 'answer too late',
};

/** `demo: on purpose, 5 % of invokes answer an error, …` */
export function describeFaults(plan: FaultPlan): string {
  const parts = CHANCE_KINDS.flatMap((kind) => {
    const chance = plan.chances[kind];
    return chance === undefined ? [] : [`${percent(chance)} ${IN_WORDS[kind]}`];
  });
  const [first, ...rest] = parts;
  const sentences = first === undefined ? [] : [first.replace('%', '% of invokes'), ...rest];
  if (plan.delay !== undefined) sentences.push(`each waits ${plan.delay.meanMs}±${plan.delay.spreadMs} ms`);
  if (plan.poison !== undefined) sentences.push(`a text with "${plan.poison}" crashes its worker`);
  if (sentences.length === 0) return 'none';
  const name = printFaults(plan);
  const prefix = name.includes('=') ? '' : `${name}: `;
  return `${prefix}on purpose, ${sentences.join(', ')}`;
}

function percent(chance: number): string {
  return `${Number((chance * 100).toFixed(3))} %`;
}
