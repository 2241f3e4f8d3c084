import { expect, test } from 'vitest';
import { isContainerName, NAME_RULE } from '../../../src/config/index.js';
import { domainText, errorsOf } from './domain-text.js';

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

test('the rule in words is what a definition with a wrong name is told', () => {
  expect(errorsOf(domainText({ name: '<name>a/b</name>' }))).toEqual([`<name> must be ${NAME_RULE}, not 'a/b'`]);
});
