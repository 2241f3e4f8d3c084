/** The options by which a command is told how to read a file. */
import type { Command } from 'commander';
import { FORMAT_WORDS, type TextFormat } from '../config/detect-format.js';
import { parseFormat } from './values.js';

export interface GivenFlags {
  format?: TextFormat;
  name?: string;
  rootfs?: string;
}

/** Adds `--format` (or another word for it), `--name` and `--rootfs`. */
export function addGivenOptions(command: Command, formatWord: 'format' | 'from' = 'format'): Command {
  const formats = formatWord === 'from' ? 'what it is' : FORMAT_WORDS.join(', ');
  return command
    .option(`--${formatWord} <format>`, `${formats} (default: what name and text tell)`, parseFormat)
    .option('--name <name>', "name of the container instead of the text's")
    .option('--rootfs <dir>', "its root instead of the text's");
}

/** One name and one root are not for several files. */
export function checkOneFile(command: Command, files: readonly string[], { name, rootfs }: GivenFlags): void {
  if (files.length < 2) return;
  if (name !== undefined) command.error('error: --name is for one file at a time');
  if (rootfs !== undefined) command.error('error: --rootfs is for one file at a time');
}
