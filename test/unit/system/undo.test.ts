import { expect, test } from 'vitest';
import { createUndo } from '../../../src/system/undo.js';

test('steps are taken back last first, and one that fails does not stop the others', async () => {
  const undo = createUndo();
  const done: string[] = [];
  undo.add('one', () => void done.push('one'));
  undo.add('two', () => Promise.reject(new Error('stuck')));
  undo.add('three', async () => void done.push('three'));
  expect((await undo.run()).map(String)).toEqual(['Error: stuck']);
  expect(done).toEqual(['three', 'one']);
  expect(await undo.run()).toEqual([]);
  expect(done).toEqual(['three', 'one']);
});

test('nothing is taken back once it is cleared', async () => {
  const undo = createUndo();
  undo.add('one', () => Promise.reject(new Error('must not run')));
  undo.clear();
  expect(await undo.run()).toEqual([]);
});
