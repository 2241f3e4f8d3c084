/** Sizes and marks of the plan's bytes, for both directions. docs/plan-format.md */

export const MAGIC: Uint8Array = new TextEncoder().encode('CTRPLAN\0');

/** magic, u32 version, u32 operations, u32 body length, u32 CRC-32 of the body */
export const HEADER_BYTES = 24;
/** u16 code, u16 fields, u32 length of the fields */
export const OPERATION_HEADER_BYTES = 8;
/** u32 length; the content and one NUL byte follow */
export const FIELD_HEADER_BYTES = 4;
