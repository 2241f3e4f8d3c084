import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { statInside } from '../../../src/rootfs/resolve-inside.js';
import { makeScratchDir } from '../exec/fake-helper.js';

function makeTree(): string {
  const root = join(makeScratchDir(), 'root');
  mkdirSync(join(root, 'usr/bin'), { recursive: true });
  writeFileSync(join(root, 'usr/bin/init'), 'inside');
  writeFileSync(join(root, '../outside'), 'secret outside the root');
  symlinkSync('usr/bin', join(root, 'bin'));
  symlinkSync('/usr/bin/init', join(root, 'absolute'));
  symlinkSync('../../../../usr/bin/init', join(root, 'dots'));
  symlinkSync('../outside', join(root, 'escape'));
  symlinkSync('b', join(root, 'a'));
  symlinkSync('a', join(root, 'b'));
  return root;
}

describe('statInside', () => {
  test.for(['/usr/bin/init', '/bin/init', '/absolute', '/dots', '/bin/../bin/./init', '//usr//bin/init'])(
    '%s is found as inside',
    (path) => {
      expect(statInside(makeTree(), path)?.size).toBe('inside'.length);
    },
  );

  test.for(['/escape', '/a', '/none', '/usr/bin/init/x', '/none/../usr', `/${'x'.repeat(300)}`])(
    '%s is not there',
    (path) => {
      expect(statInside(makeTree(), path)).toBeUndefined();
    },
  );

  test('the root itself is found', () => {
    expect(statInside(makeTree(), '/')?.isDirectory()).toBe(true);
  });
});
