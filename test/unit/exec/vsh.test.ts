import { describe, expect, test } from 'vitest';
import { vshArgs } from '../../../src/exec/vsh.js';

describe('arguments of vsh', () => {
  test.for([
    [{ cid: 3 }, ['--cid=3']],
    [{ cid: 3, port: 99 }, ['--cid=3', '--port=99']],
    [{ uds: '/v.sock', port: 1 }, ['--uds=/v.sock', '--port=1']],
    [{ unix: '-odd' }, ['--unix=-odd']],
    [{ vmName: 'dev', ownerId: 'ann' }, ['--vm_name=dev', '--owner_id=ann']],
  ] as const)('say where vshd is: %j', ([address, words]) => {
    expect(vshArgs(address, [], {})).toEqual([...words, '--control=pipes', '--']);
  });

  test('keep the command apart from variables and options, whatever it is called', () => {
    const options = { user: 'root', container: 'web', cwd: '/tmp', env: { A: '', B: 'c=d' }, tty: true };
    expect(vshArgs({ cid: 1 }, ['A=b', '--', '-x'], options)).toEqual(
      '--cid=1 --user=root --target_container=web --cwd=/tmp --env=A= --env=B=c=d --control=terminal -- -- A=b -- -x'.split(
        ' ',
      ),
    );
  });
});
