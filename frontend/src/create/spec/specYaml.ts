import { writeFlat } from "./specJson";

const WIDTH = 60;
// Text that needs no quotes in YAML 1.1 and 1.2.
const PLAIN = /^[A-Za-z][\w /-]*[\w]$|^[A-Za-z]$/;
const WORDS = /^(?:true|false|null|yes|no|on|off|y|n|inf|nan)$/i;

/** Formats YAML with one key per line, short values on the same line. */
export function writeYaml(value: Record<string, unknown>): string {
  return writeLines(value, "").join("\n");
}

function writeLines(value: object, indent: string): string[] {
  return listMembers(value).flatMap(([key, member]) => writeMember(key, member, indent));
}

function writeMember(key: string, member: unknown, indent: string): string[] {
  const start = `${indent}${writeScalar(key)}:`;
  if (member === null || typeof member !== "object") return [`${start} ${writeScalar(member)}`];
  const flat = writeInline(member);
  const isPlainList = Array.isArray(member) && member.every((item) => typeof item !== "object");
  if (isEmpty(member) || isPlainList) return [`${start} ${flat}`];
  const isShort = indent !== "" && `${start} ${flat}`.length <= WIDTH;
  if (!Array.isArray(member))
    return isShort ? [`${start} ${flat}`] : [start, ...writeLines(member, `${indent}  `)];
  return [start, ...member.flatMap((item) => writeItem(item, `${indent}  `))];
}

function writeItem(item: unknown, indent: string): string[] {
  if (item === null || typeof item !== "object" || Array.isArray(item) || isEmpty(item))
    return [`${indent}- ${writeInline(item)}`];
  const lines = writeLines(item, `${indent}  `);
  return [`${indent}- ${lines[0]?.trimStart() ?? "{}"}`, ...lines.slice(1)];
}

function writeInline(value: unknown): string {
  if (value === null || typeof value !== "object") return writeScalar(value);
  if (Array.isArray(value)) return `[${value.map(writeInline).join(", ")}]`;
  const members = listMembers(value).map(([key, member]) => `${writeScalar(key)}: ${writeInline(member)}`);
  return `{${members.join(", ")}}`;
}

/** JSON's quoted strings are valid in YAML. */
function writeScalar(value: unknown): string {
  if (typeof value === "string" && PLAIN.test(value) && !WORDS.test(value)) return value;
  return writeFlat(value);
}

function listMembers(value: object): [string, unknown][] {
  return Object.entries(value).filter(([, member]) => member !== undefined);
}

function isEmpty(value: object): boolean {
  return Object.keys(value).length === 0;
}
