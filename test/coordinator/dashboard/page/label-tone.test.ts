import { expect, it } from 'vitest';
import { labelTone } from '../../../../coordinator/dashboard/page/label-tone.js';

it('has a color for any label, the same every time, and the usual two for the usual labels', () => {
  expect(labelTone('POSITIVE')).toBe('blue');
  expect(labelTone('negative')).toBe('orange');
  for (const label of ['joy', 'LABEL_0', '5 stars', '', '😀', 'constructor'])
    expect(['purple', 'sky', 'grey']).toContain(labelTone(label));
  expect(labelTone('joy')).toBe(labelTone('joy'));
});
