/** An attribute as written. Offsets are into the text that was read. */
export interface XmlAttribute {
  /** Without its prefix. */
  readonly name: string;
  /** URI, for attributes with a prefix. */
  readonly namespace: string | undefined;
  readonly value: string;
  readonly offset: number;
  /** Of the value's first character. */
  readonly valueOffset: number;
}

/** An element as written. Comments are not kept. */
export interface XmlElement {
  /** Without its prefix. */
  readonly name: string;
  /** URI, when the prefix (or a default) gives one. */
  readonly namespace: string | undefined;
  /** Without the xmlns ones. */
  readonly attributes: readonly XmlAttribute[];
  readonly children: readonly XmlElement[];
  /** The text directly inside, references replaced, CDATA included. */
  readonly text: string;
  readonly offset: number;
  readonly textOffset: number;
  /** The markup from `<` to the end tag's `>`, as written. */
  readonly source: string;
  /** Prefixes in scope around the element, with their URIs; '' for a default namespace. */
  readonly inherited: ReadonlyMap<string, string>;
  /** Prefixes that the element itself declares. */
  readonly declared: readonly string[];
}
