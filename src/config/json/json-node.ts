/** A JSON text as it was read: values with their places. Names of an object are keys of a map, so none of them is special. */
export type JsonNode = JsonObject | JsonArray | JsonScalar;

/** Places are offsets into the text. */
export interface JsonObject {
  readonly kind: 'object';
  readonly offset: number;
  readonly members: ReadonlyMap<string, JsonMember>;
}

export interface JsonMember {
  readonly nameOffset: number;
  readonly value: JsonNode;
}

export interface JsonArray {
  readonly kind: 'array';
  readonly offset: number;
  readonly items: readonly JsonNode[];
}

export type JsonScalar = { readonly offset: number } & (
  | { readonly kind: 'string'; readonly value: string }
  /** As written: numbers of 64 bits are more than a `number` holds. */
  | { readonly kind: 'number'; readonly text: string }
  | { readonly kind: 'boolean'; readonly value: boolean }
  | { readonly kind: 'null' }
);

/** The plain value, as JSON.parse gives it. */
export function valueOfNode(node: JsonNode): unknown {
  switch (node.kind) {
    case 'object':
      // fromEntries defines, it does not assign: '__proto__' is a name like others
      return Object.fromEntries([...node.members].map(([name, { value }]) => [name, valueOfNode(value)]));
    case 'array':
      return node.items.map((item) => valueOfNode(item));
    case 'number':
      return Number(node.text);
    case 'null':
      return null;
    default:
      return node.value;
  }
}
