import { expect, test } from 'vitest';
import { isContainerName } from '../../../src/config/name.js';

test.each(['a', 'web', 'Web-1.x_y', '0', 'a'.repeat(64)])('%j is a name', (name) => {
  expect(isContainerName(name)).toBe(true);
});

test.each([
  '',
  '.',
  '..',
  '../../etc/x',
  '-rf',
  '_a',
  'a/b',
  'a\0b',
  'a\nb',
  'web\n',
  'a'.repeat(65),
  'ａ',
  'a\u202e',
  'web.',
  ' web',
])('%j is no name', (name) => {
  expect(isContainerName(name)).toBe(false);
});
