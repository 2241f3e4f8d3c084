/** Makes the directories, links and files of a template below a new root. */
import { chmod, readFile, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { packageRoot } from '../system/package-root.js';
import { fillPlaceholders, parseTemplate, type Template } from './template.js';

/** Directory of a template in this package. */
export function templateDir(name: string): string {
  return join(packageRoot(), 'templates', name);
}

/** Reads `template.json` of a template. */
export async function readTemplate(name: string): Promise<Template> {
  return parseTemplate(await readFile(join(templateDir(name), 'template.json'), 'utf8'));
}

/** The definition that a template comes with, its placeholders filled. */
export async function readTemplateDefinition(name: string, values: Readonly<Record<string, string>>): Promise<string> {
  return fillPlaceholders(await readFile(join(templateDir(name), 'domain.xml'), 'utf8'), values);
}

/** Fills the empty directory `root`. Modes are exact, whatever the caller's umask; owner is the caller. */
export async function makeTree(
  template: Template,
  root: string,
  values: Readonly<Record<string, string>>,
): Promise<void> {
  // Only bootstrap pays for loading it.
  const { ensureDir, outputFile } = await import('fs-extra/esm');
  for (const [path, mode] of Object.entries(template.directories)) {
    await ensureDir(join(root, path));
    await chmod(join(root, path), Number.parseInt(mode, 8));
  }
  for (const [path, target] of Object.entries(template.links)) await symlink(target, join(root, path));
  for (const [path, mode] of Object.entries(template.files)) {
    const text = await readFile(join(templateDir(template.name), 'files', path), 'utf8');
    await outputFile(join(root, path), fillPlaceholders(text, values), { flag: 'wx', mode: 0o600 });
    await chmod(join(root, path), Number.parseInt(mode, 8));
  }
}
