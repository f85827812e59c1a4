import {
  CHANCE_KINDS,
  printFaults,
  WORD_KINDS,
  wordField,
  type ChanceKind,
  type FaultPlan,
  type WordKind,
} from '../contracts/worker/faults.js';

const IN_WORDS: Readonly<Record<ChanceKind, string>> = {
  error: 'answer an error',
  crash: 'crash their worker',
  hang: 'never answer',
  drop: 'drop the connection',
  partial: 'fail some of their tasks',
  garbage: 'answer nonsense',
  late: 'answer too late',
  loop: 'keep the function in an endless loop',
  oom: 'take all memory that the function gets',
};

const WHAT_A_WORD_DOES: Readonly<Record<WordKind, string>> = {
  poison: 'crashes its worker',
  loop: 'keeps its function in an endless loop',
  oom: 'takes all memory that its function gets',
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
  for (const kind of WORD_KINDS) {
    const word = plan[wordField(kind)];
    if (word !== undefined) sentences.push(`a text with "${word}" ${WHAT_A_WORD_DOES[kind]}`);
  }
  if (sentences.length === 0) return 'none';
  const name = printFaults(plan);
  const prefix = name.includes('=') ? '' : `${name}: `;
  return `${prefix}on purpose, ${sentences.join(', ')}`;
}

function percent(chance: number): string {
  return `${Number((chance * 100).toFixed(3))} %`;
}
