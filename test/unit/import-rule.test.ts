import { readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join, normalize, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { EFFECTS, IMPORT_RULES, type ImportRule, PURE_FILE } from './import-rule.js';

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');
const LONGEST_FILE = 300;
const GENERATED: ReadonlySet<string> = new Set(['native/plan_ops.h', 'native/hot_verbs.h']);

interface Import {
  readonly target: string;
  readonly typeOnly: boolean;
}

/** All files below a folder with one of these endings, relative to the root. */
function listFiles(folder: string, endings: readonly string[]): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((name) => endings.some((ending) => name.endsWith(ending)))
    .sort();
}

/** The imports, re-exports and dynamic imports of a source text. */
function readImports(text: string): Import[] {
  const statements = text.matchAll(/^(?:import|export)\s+(type\s)?(?:[\w*{}\s,$]+?\sfrom\s+)?'([^']+)'/gm);
  const dynamic = text.matchAll(/(typeof\s+)?\bimport\(\s*'([^']+)'/g);
  return [
    ...[...statements].map((match) => ({ target: match[2] ?? '', typeOnly: match[1] !== undefined })),
    ...[...dynamic].map((match) => ({ target: match[2] ?? '', typeOnly: match[1] !== undefined })),
  ];
}

/** `src/config/x.ts` is in `config`; `src/errors.ts` is `errors`. */
function roomOf(file: string): string {
  const parts = relative('src', file).split('/');
  return parts.length === 1 ? basename(file, '.ts') : (parts[0] ?? '');
}

/** Why the rule forbids this import; undefined when it allows it. */
function breach(file: string, rule: ImportRule, { target, typeOnly }: Import): string | undefined {
  if (target.startsWith('node:')) return undefined;
  if (!target.startsWith('.')) {
    const name = target.startsWith('@') ? target.split('/').slice(0, 2).join('/') : (target.split('/')[0] ?? target);
    return rule.packages?.includes(name)
      ? undefined
      : `${file} imports the package '${name}', which another folder owns`;
  }
  const imported = normalize(join(dirname(file), target)).replace(/\.js$/, '.ts');
  const room = roomOf(imported);
  if (room === roomOf(file) || rule.may.includes(room) || rule.mayFiles?.includes(imported)) return undefined;
  if (typeOnly && rule.mayTypes?.includes(room)) return undefined;
  return `${file} imports ${imported}`;
}

const sources = listFiles('src', ['.ts']);

describe('the import rule', () => {
  test('has a row for every folder and every file beside them', () => {
    const rooms = new Set(sources.map(roomOf));
    expect([...rooms].filter((room) => IMPORT_RULES[room] === undefined)).toEqual([]);
  });

  test('no import points up or across', () => {
    const breaches = sources.flatMap((file) => {
      const rule = IMPORT_RULES[roomOf(file)] ?? { may: [] };
      return readImports(readFileSync(join(root, file), 'utf8')).flatMap((entry) => breach(file, rule, entry) ?? []);
    });
    expect(breaches).toEqual([]);
  });

  test('files that plan, parse, format, compute or describe import no effects', () => {
    const breaches = sources
      .filter((file) => PURE_FILE.test(basename(file)))
      .flatMap((file) =>
        readImports(readFileSync(join(root, file), 'utf8'))
          .filter((entry) => EFFECTS.has(entry.target) && !entry.typeOnly)
          .map((entry) => `${file} imports ${entry.target}`),
      );
    expect(breaches).toEqual([]);
  });

  test.each([
    ["import { a } from '../cli/run.js';", 'src/config/x.ts', 'src/config/x.ts imports src/cli/run.ts'],
    ["import type { A } from '../config/spec.js';", 'src/network/x.ts', undefined],
    ["import { a } from '../config/spec.js';", 'src/network/x.ts', 'src/network/x.ts imports src/config/spec.ts'],
    ["import { OPTION } from '../exec/plan.js';", 'src/network/x.ts', undefined],
    ["import { a } from '../cgroups/index.js';", 'src/network/x.ts', 'src/network/x.ts imports src/cgroups/index.ts'],
    ["const x = await import('../cli/run.js');", 'src/exec/x.ts', 'src/exec/x.ts imports src/cli/run.ts'],
    ["export { a } from '../errors.js';", 'src/system/x.ts', undefined],
    [
      "import { execa } from 'execa';",
      'src/network/x.ts',
      "src/network/x.ts imports the package 'execa', which another folder owns",
    ],
  ])('judges %s in %s', (text, file, expected) => {
    const [entry] = readImports(text);
    const rule = IMPORT_RULES[roomOf(file)];
    if (entry === undefined || rule === undefined) throw new Error('the case itself is wrong');
    expect(breach(file, rule, entry)).toBe(expected);
  });
});

describe('the size of a file', () => {
  test(`no source file is longer than ${LONGEST_FILE} lines`, () => {
    const files = [...sources, ...listFiles('test', ['.ts']), ...listFiles('native', ['.c', '.h'])];
    const tooLong = files
      // What is made from a table is as long as the table.
      .filter((file) => !file.startsWith('native/build') && !GENERATED.has(file))
      .map((file) => ({ file, lines: readFileSync(join(root, file), 'utf8').split('\n').length - 1 }))
      .filter(({ lines }) => lines > LONGEST_FILE);
    expect(tooLong).toEqual([]);
  });
});
