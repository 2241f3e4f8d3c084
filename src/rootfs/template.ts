/** `templates/NAME/template.json`: what a root file system is made of besides programs. Pure. */

export interface Template {
  readonly name: string;
  readonly description: string;
  /** Limits of the containers made from it, unless told otherwise. */
  readonly memoryBytes: number;
  readonly pids: number;
  /** Path inside the root to octal mode; parents come first. */
  readonly directories: Readonly<Record<string, string>>;
  /** Path inside the root to what the symbolic link says. */
  readonly links: Readonly<Record<string, string>>;
  /** Path inside the root to octal mode; the text lies at that path in `files/`. */
  readonly files: Readonly<Record<string, string>>;
}

/** @throws Error when the text is no template: templates come with ctr, so that is a fault of the package */
export function parseTemplate(text: string): Template {
  const value = JSON.parse(text) as Template;
  for (const key of ['name', 'description'] as const) {
    if (typeof value[key] !== 'string') throw new Error(`template.json: '${key}' is not a text`);
  }
  for (const key of ['memoryBytes', 'pids'] as const) {
    if (!Number.isSafeInteger(value[key])) throw new Error(`template.json: '${key}' is not a number`);
  }
  for (const mode of [...Object.values(value.directories), ...Object.values(value.files)]) {
    if (!/^[0-7]{4}$/.test(mode)) throw new Error(`template.json: '${mode}' is not an octal mode`);
  }
  return value;
}

/** Replaces each `@KEY@` by its value. @throws Error for a key without a value */
export function fillPlaceholders(text: string, values: Readonly<Record<string, string>>): string {
  return text.replace(/@([A-Z][A-Z_]*)@/g, (_, key: string) => {
    const value = values[key];
    if (value === undefined) throw new Error(`template: no value for '@${key}@'`);
    return value;
  });
}
