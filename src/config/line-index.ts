export interface LineIndex {
  /** Line of an offset, from 1. Cheap: for places that are only named. */
  lineOf(offset: number): number;
  /** Line and column of an offset, both from 1. The column counts characters (code points), as editors do. */
  locate(offset: number): { readonly line: number; readonly column: number };
}

/** Finds lines by binary search, so many places in one text stay cheap. Lines end with LF, CR LF or CR, as in XML. */
export function createLineIndex(text: string): LineIndex {
  const starts = [0];
  for (const match of text.matchAll(/\r\n?|\n/g)) starts.push(match.index + match[0].length);

  const lineOf = (offset: number): number => {
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((starts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return low + 1;
  };

  return {
    lineOf,
    locate(offset) {
      const line = lineOf(offset);
      return { line, column: countCodePoints(text, starts[line - 1] ?? 0, offset) + 1 };
    },
  };
}

function countCodePoints(text: string, from: number, to: number): number {
  let count = 0;
  for (let offset = from; offset < to; offset += (text.codePointAt(offset) ?? 0) > 0xffff ? 2 : 1) count += 1;
  return count;
}
