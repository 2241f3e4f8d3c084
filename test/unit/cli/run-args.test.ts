import { expect, test } from 'vitest';
import { arrangeRunArgs } from '../../../src/cli/run-args.js';

test.for([
  ['ls -l', '-- ls -l'],
  ['--memory 64M -u root ls --memory', '--memory 64M -u root -- ls --memory'],
  ['--memory=64M -uroot -T ls', '--memory=64M -uroot -T -- ls'],
  ['--bind a --bind-ro b -- -x', '--bind a --bind-ro b -- -x'],
  ['--help', '--help'],
  ['-tw / ls', '-tw / -- ls'],
])('%s', ([given = '', arranged = '']) => {
  expect(arrangeRunArgs(given.split(' '))).toEqual(arranged.split(' '));
});
