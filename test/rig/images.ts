/** Disk images for tests. */
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Rig } from './rig.js';
import { runProgram } from './run-program.js';

/** A directory with these files in it; gives its path. */
export function makeTree(rig: Rig, files: Readonly<Record<string, string>>): string {
  const tree = mkdtempSync(join(rig.scratch, 'tree-'));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(tree, name)), { recursive: true });
    writeFileSync(join(tree, name), text);
  }
  return tree;
}

/** A disk image with an ext4 file system of these contents; gives its path. */
export async function makeImage(tree: string): Promise<string> {
  const image = `${tree}.img`;
  const { status, stderr } = await runProgram(['mkfs.ext4', '-q', '-d', tree, image, '16M']);
  if (status !== 0) throw new Error(`mkfs.ext4: ${stderr}`);
  return image;
}
