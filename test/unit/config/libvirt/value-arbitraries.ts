import fc from 'fast-check';

/** Values that any text can say. */

export const word = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9_-]{0,10}$/);
/** What XML can hold; a lone carriage return included, which only a reference keeps. */
export const text = fc.string({
  unit: fc.constantFrom('a', ' ', '<', '&', '>', '"', "'", 'é', '😀', '\n', '\t', '\r', ']]>'),
  maxLength: 12,
});
export const line = text.map((value) => value.replace(/[\r\n]/g, ''));
export const path = fc.array(word, { minLength: 1, maxLength: 3 }).map((parts) => `/srv/${parts.join('/')}`);
export const bytes = fc.integer({ min: 1024, max: 2 ** 30 }).map((kib) => kib * 1024);

/** One arbitrary for each property of a type, so that the compiler asks for a new one. */
type Shape<T> = { readonly [K in keyof T]-?: fc.Arbitrary<NonNullable<T[K]>> };

/** Any of the properties. Those that are left out are absent, never undefined. */
export const some = <T>(shape: Shape<T>): fc.Arbitrary<Partial<T>> =>
  fc.record(shape as { [K in keyof T]: fc.Arbitrary<T[K]> }, { requiredKeys: [] }) as fc.Arbitrary<Partial<T>>;

/** Members of one union, as the type they are. */
export const oneOf = <T extends string>(...values: readonly T[]): fc.Arbitrary<T> => fc.constantFrom(...values);

export const few = <T>(member: fc.Arbitrary<T>): fc.Arbitrary<T[]> => fc.array(member, { maxLength: 3 });

export const nat = fc.integer({ min: 0, max: 2 ** 32 });
export const filled = text.filter((value) => value !== '');
