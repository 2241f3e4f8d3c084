import type { FormatRow } from './formats.js';
import { formatJson } from './json/format-json.js';
import { readJson } from './json/read-json.js';

/** ctr's own model as JSON. */
export const JSON_FORMAT: FormatRow = { read: readJson, print: ({ spec }) => formatJson(spec) };
