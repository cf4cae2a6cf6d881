import type { TypedArrayText } from "../types";

const READERS: Record<string, (view: DataView, count: number) => number[]> = {
  f4: (view, count) => Array.from({ length: count }, (_, i) => view.getFloat32(4 * i, true)),
  f8: (view, count) => Array.from({ length: count }, (_, i) => view.getFloat64(8 * i, true)),
  i2: (view, count) => Array.from({ length: count }, (_, i) => view.getInt16(2 * i, true)),
  i4: (view, count) => Array.from({ length: count }, (_, i) => view.getInt32(4 * i, true)),
};

/** Decodes a typed array to a plain one, to which live updates append; plain arrays are returned as they are. */
export function decodeArray(array: TypedArrayText | number[] | undefined): number[] {
  if (array === undefined) return [];
  if (Array.isArray(array)) return array;
  const read = READERS[array.dtype];
  if (read === undefined) throw new Error(`a typed array must be f4, f8, i2 or i4; received ${array.dtype}`);
  const bytes = decodeBytes(array.bdata);
  return read(new DataView(bytes.buffer), bytes.length / Number(array.dtype.slice(1)));
}

function decodeBytes(text: string): Uint8Array<ArrayBuffer> {
  const binary = atob(text);
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < binary.length; i++) bytes[i] = binary.charCodeAt(i);
  return bytes;
}
