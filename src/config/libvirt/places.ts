import type { Report } from '../diagnostics.js';
import type { DomainElement } from './domain-element.js';

/** Where things are in the text, for rules that compare several elements. */
export interface Places {
  readonly report: Report;
  /** Offset of an element, or of one of its attribute's values. */
  at(element: DomainElement, attribute?: string): number;
}
