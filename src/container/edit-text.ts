/** A text in the user's editor. */
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CtrError } from '../errors.js';
import { reasonOf } from '../system/reason.js';

export interface EditedFile {
  readonly path: string;
  /** Lets the user edit it. @returns the text as it is then @throws CtrError CTR_IO, CTR_MISSING_PROGRAM */
  readonly edit: () => Promise<string>;
  /** Removes it. */
  readonly remove: () => Promise<void>;
}

/** Writes a text to a directory of its own that nobody else may look into. @param name of the file: editors colour by its ending */
export async function makeEditedFile(name: string, text: string): Promise<EditedFile> {
  // Mode 0700 (mkdtemp(3)).
  const dir = await mkdtemp(join(tmpdir(), 'ctr-edit-'));
  const path = join(dir, name);
  await writeFile(path, text, { mode: 0o600, flag: 'wx' });
  return {
    path,
    edit: async () => {
      await runEditor(path);
      try {
        return await readFile(path, 'utf8');
      } catch (error) {
        throw new CtrError('CTR_IO', `cannot read '${path}': ${reasonOf(error)}`, { cause: error });
      }
    },
    remove: () => rm(dir, { recursive: true, force: true }),
  };
}

/** environ(7): a command with arguments, `code --wait` say, so a shell takes it apart. */
function runEditor(path: string): Promise<void> {
  const editor = process.env.VISUAL || process.env.EDITOR || 'vi';
  if (editor === 'vi' && !process.stdin.isTTY) {
    return Promise.reject(
      new CtrError('CTR_USAGE', "cannot edit with 'vi': there is no terminal", {
        hint: 'EDITOR names another program',
      }),
    );
  }
  // The terminal sends these to the editor as well, which knows what to do with them.
  const ignore = () => {};
  process.on('SIGINT', ignore).on('SIGQUIT', ignore);
  return new Promise<void>((resolve, reject) => {
    const child = spawn('/bin/sh', ['-c', `${editor} "$1"`, 'sh', path], { stdio: 'inherit' });
    child.on('error', (error) => reject(failed(editor, reasonOf(error))));
    child.on('close', (code, signal) => {
      if (code === 0) resolve();
      else if (code === 127) reject(missing(editor));
      else reject(failed(editor, signal === null ? `exit status ${code}` : `ended by ${signal}`));
    });
  }).finally(() => process.off('SIGINT', ignore).off('SIGQUIT', ignore));
}

function missing(editor: string): CtrError {
  return new CtrError('CTR_MISSING_PROGRAM', `cannot run editor '${editor}': it is not there`, {
    hint: 'VISUAL or EDITOR name another one',
  });
}

function failed(editor: string, reason: string): CtrError {
  return new CtrError('CTR_IO', `cannot edit with '${editor}': ${reason}`);
}
