import type { ReadResult } from './format.js';
import type { FormatReadOptions, FormatRow } from './formats.js';
import { formatOci } from './oci/format-oci.js';
import { readOci } from './oci/read-oci.js';

/** OCI's config.json. */
export const OCI: FormatRow = { read: readInBundle, print: ({ spec }) => formatOci(spec) };

/** The reader takes the bundle from an absolute path; messages keep calling the file as the user does. */
function readInBundle(text: string, { baseDir, ...options }: FormatReadOptions): ReadResult {
  if (baseDir === undefined) return readOci(text, options);
  const path = `${baseDir.replace(/\/$/, '')}/config.json`;
  const { diagnostics, ...result } = readOci(text, { ...options, file: path });
  const renamed = diagnostics.map((diagnostic) =>
    diagnostic.file === path ? { ...diagnostic, file: options.file } : diagnostic,
  );
  return { ...result, diagnostics: renamed };
}
