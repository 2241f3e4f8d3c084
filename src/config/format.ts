/** What every configuration format offers: a reader of texts into specs, and a printer of specs. */
import type { Diagnostic } from './diagnostics.js';
import type { DomainElement } from './libvirt/domain-element.js';
import type { ContainerSpec } from './spec.js';

/** What a text defines: the spec, and for libvirt's XML what only its printer needs (kept elements, canonical values). Plain data. */
export interface Definition {
  readonly spec: ContainerSpec;
  readonly document?: DomainElement;
}

export interface ReadOptions {
  /** Names the text in the diagnostics. */
  readonly file: string;
  /** Name of the container instead of the one that the text gives. A text that gives none is an error without it. */
  readonly name?: string;
  /** Directory of the root instead of the one that the text gives, absolute. A text that gives none is an error without it. */
  readonly rootfs?: string;
  /** Other files that the text names. Absent: such a line is an error. */
  readonly sources?: Sources;
}

/** The files beside a text, as a reader may ask for them: reading stays pure. */
export interface Sources {
  readonly readText: (path: string) => Sourced<string>;
  /** Names in a directory, sorted; `not a directory` is a reason like others. */
  readonly list: (path: string) => Sourced<readonly string[]>;
}

export type Sourced<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly reason: string };

/** Without a definition at least one diagnostic is an error. In the order of the text. */
export interface ReadResult {
  readonly definition?: Definition;
  readonly diagnostics: readonly Diagnostic[];
}
