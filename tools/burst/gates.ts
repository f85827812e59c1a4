/** `p99<2000,lost=0,error<1%`: conditions that a run must hold. */
import { parseDuration } from '../kit/numbers/duration.js';

export interface Gate {
  /** As it was written. */
  readonly text: string;
  readonly figure: FigureName;
  readonly operator: Operator;
  /** Milliseconds, a number of requests or tasks, a rate a second, or with `isShare` a share from 0 to 1. */
  readonly limit: number;
  readonly isShare: boolean;
}

export interface GateResult {
  readonly gate: string;
  readonly held: boolean;
  /** Nothing where nothing was measured: then no condition holds. */
  readonly value: number | null;
  /** The value as a person reads it. */
  readonly shown: string;
}

const OPERATORS = {
  '<=': (value: number, limit: number) => value <= limit,
  '>=': (value: number, limit: number) => value >= limit,
  '<': (value: number, limit: number) => value < limit,
  '>': (value: number, limit: number) => value > limit,
  '=': (value: number, limit: number) => value === limit,
} as const;
type Operator = keyof typeof OPERATORS;

/** The figures that a condition can name, and their units. */
export const FIGURES = {
  p50: 'ms',
  p90: 'ms',
  p95: 'ms',
  p99: 'ms',
  max: 'ms',
  mean: 'ms',
  drain: 'ms',
  ok: 'count',
  retried: 'count',
  error: 'count',
  wrong: 'count',
  rejected: 'count',
  failed: 'count',
  expired: 'count',
  timedout: 'count',
  connection: 'count',
  unavailable: 'count',
  lost: 'count',
  unfinished: 'count',
  dropped: 'count',
  throughput: 'rate',
} as const;
export type FigureName = keyof typeof FIGURES;
export const FIGURE_NAMES = Object.keys(FIGURES) as readonly FigureName[];

/** The figures of a run. A share is a share of `requests`. */
export interface GateFigures {
  readonly values: Readonly<Record<FigureName, number | undefined>>;
  readonly requests: number;
}

/** @throws Error that names what cannot be understood */
export function parseGates(expression: string): readonly Gate[] {
  return expression.split(',').map(parseGate);
}

function parseGate(written: string): Gate {
  const text = written.trim();
  const [, name = '', operator = '', limit = ''] = /^(\w+)\s*(<=|>=|==|=|<|>)\s*(\S.*)$/.exec(text) ?? [];
  if (name === '') throw new GateError(`"${text}" is no condition; expected one such as p99<2000 or lost=0`);
  const figure = FIGURE_NAMES.find((candidate) => candidate === name.toLowerCase());
  if (figure === undefined)
    throw new GateError(`"${name}" in "${text}" is none of ${FIGURE_NAMES.join(', ')}`);
  return {
    text,
    figure,
    operator: operator === '==' ? '=' : (operator as Operator),
    ...parseLimit(limit, figure, text),
  };
}

export class GateError extends Error {
  override readonly name = 'GateError';
}

function parseLimit(limit: string, figure: FigureName, text: string): Pick<Gate, 'limit' | 'isShare'> {
  const unit = FIGURES[figure];
  const [, digits, sign] = /^(\d+(?:\.\d+)?)\s*(%?)$/.exec(limit) ?? [];
  if (digits !== undefined && sign === '') return { limit: Number(digits), isShare: false };
  if (digits !== undefined && unit === 'count') return { limit: Number(digits) / 100, isShare: true };
  const ms = unit === 'ms' ? parseDuration(limit) : undefined;
  if (ms !== undefined) return { limit: ms, isShare: false };
  const expected = { ms: '2000, 500ms or 2s', count: '0 or 1%', rate: '50 (requests a second)' }[unit];
  throw new GateError(`"${limit}" in "${text}" cannot be used; expected something like ${expected}`);
}

export function judge(gates: readonly Gate[], { values, requests }: GateFigures): readonly GateResult[] {
  return gates.map((gate) => {
    const measured = values[gate.figure];
    if (measured === undefined || requests === 0)
      return { gate: gate.text, held: false, value: null, shown: 'nothing was measured' };
    const value = gate.isShare ? measured / requests : measured;
    return {
      gate: gate.text,
      held: OPERATORS[gate.operator](value, gate.limit),
      value,
      shown: show(value, gate),
    };
  });
}

function show(value: number, { isShare, figure }: Gate): string {
  const rounded = (number: number): string => String(Number(number.toPrecision(4)));
  if (isShare) return `${rounded(value * 100)}%`;
  const units = { ms: ' ms', count: '', rate: '/s' };
  return rounded(value) + units[FIGURES[figure]];
}
