/** What a command writes, up to a limit: the rest is read, so that it can go on, and dropped. */
export interface BoundedOutput {
  bytes(): Buffer;
  /** Bytes were dropped. */
  truncated(): boolean;
}

export function collectBounded(stream: NodeJS.ReadableStream | null, maxBytes: number): BoundedOutput {
  const chunks: Buffer[] = [];
  let kept = 0;
  let truncated = false;
  stream?.on('data', (chunk: Buffer) => {
    const part = chunk.subarray(0, maxBytes - kept);
    if (part.length < chunk.length) truncated = true;
    if (part.length === 0) return;
    kept += part.length;
    // A small part of a large chunk would keep the whole of it.
    chunks.push(part.length < chunk.length ? Buffer.from(part) : part);
  });
  return { bytes: () => Buffer.concat(chunks), truncated: () => truncated };
}
