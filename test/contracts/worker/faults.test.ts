import { describe, expect, it } from 'vitest';
import {
  FAULT_PROFILES,
  faultsText,
  listFaults,
  parseFaults,
  printFaults,
} from '../../../contracts/worker/faults.js';

describe('parseFaults', () => {
  it.each(['none', 'demo', 'storm'] as const)('knows the profile %s', (name) => {
    expect(parseFaults(name)).toEqual(FAULT_PROFILES[name]);
  });

  it('reads every kind from a list', () => {
    const list =
      'error=0.2,crash=0.05,hang=.01,drop=0.04,partial=0.1,garbage=1e-2,late=0.1@5000,delay=100±50,poison=boom';
    expect(parseFaults(list)).toEqual({
      chances: { error: 0.2, crash: 0.05, hang: 0.01, drop: 0.04, partial: 0.1, garbage: 0.01, late: 0.1 },
      delay: { meanMs: 100, spreadMs: 50 },
      lateMs: 5000,
      poison: 'boom',
    });
  });

  it('takes blanks, and +- where ± is hard to type', () => {
    expect(parseFaults(' error = 0.5 , delay = 100 +- 50 ')).toEqual(parseFaults('error=0.5,delay=100±50'));
  });

  it('keeps a poisonous word as it is written', () => {
    expect(parseFaults('poison=a = b').poison).toBe('a = b');
  });

  it.each(['loop', 'oom'] as const)('takes a probability or a word for %s', (kind) => {
    expect(parseFaults(`${kind}=0.01`)).toEqual({ chances: { [kind]: 0.01 } });
    expect(parseFaults(`${kind}=LOOP 1`)).toEqual({ chances: {}, [`${kind}Word`]: 'LOOP 1' });
    expect(printFaults(parseFaults(`${kind}=word`))).toBe(`${kind}=word`);
    expect(printFaults(parseFaults(`${kind}=.5`))).toBe(`${kind}=0.5`);
    expect(parseFaults(`${kind}=0`)).toEqual({ chances: {} });
  });

  it('takes probabilities that add up to one', () => {
    expect(parseFaults('error=0.7,crash=0.2,hang=0.1').chances.hang).toBe(0.1);
  });

  it.each([
    ['', 'is no fault; expected none, demo, storm, or a list'],
    ['strom', '"strom" is no fault'],
    ['eror=0.5', '"eror" is no fault'],
    ['constructor=1', '"constructor" is no fault'],
    ['error', '"error" is no fault'],
    ['error=0.5,', '"" is no fault'],
    ['error=', 'error=: expected a probability from 0 to 1'],
    ['error=1.1', 'error=1.1: expected a probability'],
    ['error=-0.1', 'error=-0.1: expected a probability'],
    ['crash=often', 'crash=often: expected a probability'],
    ['delay=±', 'delay=±: expected milliseconds'],
    ['delay=1±2±3', 'delay=1±2±3: expected milliseconds'],
    ['delay=9999999', 'delay=9999999: expected milliseconds'],
    ['late=0.1@soon', 'late=0.1@soon: expected a probability, or one and milliseconds'],
    ['late=0.1@1@2', 'late=0.1@1@2: expected a probability, or one and milliseconds'],
    ['poison=', 'poison= needs a word'],
    ['loop=', 'loop= needs a probability or a word'],
    ['loop=1.5', 'loop=1.5: expected a probability from 0 to 1'],
    ['oom=-1', 'oom=-1: expected a probability from 0 to 1'],
    ['oom=Infinity', 'oom=Infinity: expected a probability from 0 to 1'],
    ['loop=x,loop=0.1', 'loop is given twice'],
    ['error=0.1,error=0.2', 'error is given twice'],
    ['error=0.6,crash=0.5', 'add up to 1.1'],
  ])('refuses %j and says why', (text, reason) => {
    expect(() => parseFaults(text)).toThrow(reason);
  });
});

describe('printFaults', () => {
  it.each(['none', 'demo', 'storm'])('gives a profile its name: %s', (name) => {
    expect(printFaults(parseFaults(name))).toBe(name);
  });

  it('recognizes a profile that was written as a list', () => {
    expect(printFaults(parseFaults('delay=20±20,hang=0.01,crash=0.01,error=0.05'))).toBe('demo');
  });

  it('brings a list into its canonical order and form', () => {
    expect(printFaults(parseFaults('poison=x, delay=5+-0,late=.5@10,error=0.250,crash=0,garbage=0.1'))).toBe(
      'error=0.25,delay=5,garbage=0.1,late=0.5@10,poison=x',
    );
  });

  it.each(['error=0,delay=0', 'late=0@5000'])('prints what never happens as none: %s', (list) => {
    expect(printFaults(parseFaults(list))).toBe('none');
  });

  it('prints what it can read again', () => {
    for (const text of ['storm', 'late=0.1', 'late=0.1@5000,delay=7±3', 'error=1e-7']) {
      expect(parseFaults(listFaults(parseFaults(text)))).toEqual(parseFaults(text));
    }
  });
});

describe('faultsText', () => {
  it('turns a syntax error into a validation error', () => {
    expect(faultsText.safeParse('error=2').error?.issues[0]?.message).toContain('expected a probability');
    expect(faultsText.safeParse(7).success).toBe(false);
    expect(faultsText.parse('storm')).toEqual(FAULT_PROFILES.storm);
  });
});
