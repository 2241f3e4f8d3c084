/**
 * JSON with two spaces, as JSON.stringify has it; besides, a bigint is a number, a map an object, and what is undefined is left out.
 * Never throws on plain data.
 */
export function formatJsonText(value: unknown, indent = ''): string {
  if (typeof value === 'bigint') return String(value);
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  const inner = `${indent}  `;
  if (Array.isArray(value)) {
    const items = value.map((item) => `\n${inner}${formatJsonText(item, inner)}`);
    return items.length === 0 ? '[]' : `[${items.join(',')}\n${indent}]`;
  }
  const members = [...(value instanceof Map ? value : Object.entries(value))]
    .filter(([, member]) => member !== undefined)
    .map(([name, member]) => `\n${inner}${JSON.stringify(name)}: ${formatJsonText(member, inner)}`);
  return members.length === 0 ? '{}' : `{${members.join(',')}\n${indent}}`;
}
