/** State and run directories of a test, and definitions in them. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { makeFakeHelper, makeScratchDir } from '../exec/fake-helper.js';

/** For the options of every function of the library, and a scratch directory beside. */
export function makePlaces() {
  const scratch = makeScratchDir();
  const write = (file: string, text: string): string => {
    const path = join(scratch, file);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
    return path;
  };
  const mkdir = (dir: string): string => {
    mkdirSync(join(scratch, dir), { recursive: true });
    return join(scratch, dir);
  };
  const places = { stateDir: join(scratch, 'state'), runDir: join(scratch, 'run'), helper: makeFakeHelper() };
  return { places, scratch, write, mkdir };
}

/** The least that libvirt's XML says, with these devices. */
export function xmlOf(name: string, devices = '', more = ''): string {
  return `<domain type='lxc'><name>${name}</name>${more}<memory>65536</memory>
<os><type>exe</type><init>/bin/sh</init></os><devices>${devices}<console type='pty'/></devices></domain>`;
}
