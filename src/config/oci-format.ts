import type { FormatRow } from './formats.js';
import { formatOci } from './oci/format-oci.js';
import { readOci } from './oci/read-oci.js';

/** OCI's config.json. */
export const OCI: FormatRow = { read: readOci, print: ({ spec }) => formatOci(spec) };
