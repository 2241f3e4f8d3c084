import type { Report } from '../diagnostics.js';
import type { JsonNode } from '../json/json-node.js';
import { offsetOf } from '../json/shape-objects.js';

type Place = readonly (string | number)[];

/** What the conversion of a right config.json needs and leaves. Places are paths of properties. */
export interface OciReading {
  /** Absolute; undefined when the file's own path is not. */
  readonly bundle: string | undefined;
  readonly refusals: string[];
  error(place: Place, message: string, hint?: string): void;
  warning(place: Place, message: string): void;
  /** No start can give it: the text completes "cannot start 'NAME': ". */
  refuse(place: Place, text: string): void;
}

/** A reading of one text. */
export function createOciReading(report: Report, node: JsonNode, bundle: string | undefined): OciReading {
  const refusals: string[] = [];
  return {
    bundle,
    refusals,
    error: (place, message, hint) => report.error(offsetOf(node, place), message, hint),
    warning: (place, message) => report.warning(offsetOf(node, place), message),
    refuse: (place, text) => {
      refusals.push(text);
      report.warning(offsetOf(node, place), `this can be defined, but not started: ${text}`);
    },
  };
}
