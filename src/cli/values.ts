/** Values of options. Each function throws the parser's own error, which names the option. */
import { InvalidArgumentError } from 'commander';
import { FORMAT_WORDS, formatOfWord, type TextFormat } from '../config/detect-format.js';
import { SETTINGS_MODES, type SettingsMode } from '../container/find-root.js';

const SIZE_UNITS: Readonly<Record<string, number>> = { '': 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3, t: 1024 ** 4 };

/** `64M`, `64MiB`, `1.5g`, `1048576`: bytes. */
export function parseSize(text: string): number {
  const match = /^(\d+(?:\.\d+)?)\s*([kmgt]?)(?:i?b)?$/i.exec(text);
  const bytes = match ? Math.round(Number(match[1]) * (SIZE_UNITS[(match[2] ?? '').toLowerCase()] ?? 1)) : 0;
  if (bytes < 1 || !Number.isSafeInteger(bytes))
    throw new InvalidArgumentError("A size is a number of bytes, or as in '64M'.");
  return bytes;
}

/** Seconds, with a fraction: milliseconds. */
export function parseSeconds(text: string): number {
  if (!/^\d+(\.\d+)?$/.test(text) || Number(text) > 1e6) throw new InvalidArgumentError('It is a number of seconds.');
  return Math.round(Number(text) * 1000);
}

/** Seconds from 0.1: milliseconds. */
export function parseInterval(text: string): number {
  const ms = parseSeconds(text);
  if (ms < 100) throw new InvalidArgumentError('It is a number of seconds from 0.1.');
  return ms;
}

const DURATION_UNITS: Readonly<Record<string, number>> = { '': 1000, ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** Seconds, or with a unit as in `500ms`, `1.5s`, `2m`, `1h`: milliseconds. */
export function parseDuration(text: string): number {
  const match = /^(\d+(?:\.\d+)?|\.\d+)(ms|s|m|h)?$/.exec(text);
  const ms = match ? Math.round(Number(match[1]) * (DURATION_UNITS[match[2] ?? ''] ?? 1000)) : Number.NaN;
  if (!(ms < 1e12)) throw new InvalidArgumentError("It is a number of seconds, or as in '500ms', '2m', '1h'.");
  return ms;
}

const MOST_CPUS = 8192;

/** Processors, with a fraction. */
export function parseCpus(text: string): number {
  const cpus = /^\d+(\.\d+)?$/.test(text) ? Number(text) : 0;
  if (cpus < 0.01 || cpus > MOST_CPUS) throw new InvalidArgumentError("It is a number of processors, as in '1.5'.");
  return cpus;
}

export function parseAbsolute(text: string): string {
  if (!text.startsWith('/')) throw new InvalidArgumentError('It is an absolute path.');
  return text;
}

/** Each use of an option, in order. */
export function collect(text: string, earlier: readonly string[] = []): string[] {
  return [...earlier, text];
}

/** A whole number from 1. */
export function parseCount(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError('It is a whole number from 1.');
  return Number(text);
}

const MOST_JOBS = 256;

/** How many at a time. */
export function parseJobs(text: string): number {
  if (!/^[1-9]\d{0,2}$/.test(text) || Number(text) > MOST_JOBS) {
    throw new InvalidArgumentError(`It is a whole number from 1 to ${MOST_JOBS}.`);
  }
  return Number(text);
}

/** `console0` to `console15`: the index. */
export function parseConsole(text: string): number {
  const index = /^console(\d|1[0-5])$/.exec(text)?.[1];
  if (index === undefined) throw new InvalidArgumentError("A console is called 'console0', 'console1', …");
  return Number(index);
}

const MOST_ESCAPE_KEYS = 8;

/** `^]`, `^a q`, `^P,^Q`, `none`: the keys as they are given. */
export function parseEscape(text: string): string {
  const words = text.split(/[ ,]+/).filter((word) => word !== '');
  const isRight = (word: string) => /^\^[@-_a-z?]$/.test(word) || (word.length === 1 && word !== '^' && word < '\x80');
  if (text === 'none' || (words.length > 0 && words.length <= MOST_ESCAPE_KEYS && words.every(isRight))) return text;
  throw new InvalidArgumentError("Keys are written as in '^]', '^a q', 'none'.");
}

/** `NAME=value`, collected over several uses. */
export function collectEnv(text: string, earlier: Readonly<Record<string, string>> = {}): Record<string, string> {
  const match = /^([^=]+)=(.*)$/s.exec(text);
  if (!match) throw new InvalidArgumentError("It is written as in 'NAME=value'.");
  return { ...earlier, [match[1] ?? '']: match[2] ?? '' };
}

/** `xml`, `nspawn`, `lxc`, `oci`, `json`; `libvirt` is another word for the first. */
export function parseFormat(text: string): TextFormat {
  const word = text === 'libvirt' ? 'xml' : FORMAT_WORDS.find((known) => known === text);
  if (word === undefined) throw new InvalidArgumentError(`The formats are ${FORMAT_WORDS.join(', ')}.`);
  return formatOfWord(word);
}

export function parseOwnership(text: string): 'chown' {
  if (text === 'chown') return text;
  throw new InvalidArgumentError("It is 'chown'; without it the root is an id-mapped mount.");
}

/** As systemd-nspawn(1), --settings=. */
export function parseSettingsMode(text: string): SettingsMode {
  const mode = SETTINGS_MODES.find((known) => known === text);
  if (mode === undefined) throw new InvalidArgumentError(`It is one of ${SETTINGS_MODES.join(', ')}.`);
  return mode;
}
