import type { Sources } from '../../../../src/config/format.js';

/** Files beside a text, by their paths. */
export function sourcesOf(files: Readonly<Record<string, string>>): Sources {
  const paths = Object.keys(files);
  return {
    readText: (path) => {
      const value = files[path];
      return value === undefined ? { ok: false, reason: 'no such file' } : { ok: true, value };
    },
    list: (path) => {
      const folder = path.endsWith('/') ? path : `${path}/`;
      const names = paths.filter((file) => file.startsWith(folder)).map((file) => file.slice(folder.length));
      return names.length === 0 ? { ok: false, reason: 'not a directory' } : { ok: true, value: names.sort() };
    },
  };
}
