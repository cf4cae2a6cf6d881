const WIDTH = 44;

/** Formats JSON with short values on one line. */
export function formatJson(value: unknown, indent = "", before = indent.length): string {
  const flat = writeFlat(value);
  if (value === null || typeof value !== "object" || flat.length + before < WIDTH) return flat;
  const inner = `${indent}  `;
  if (Array.isArray(value)) {
    const isPlain = value.every((item) => item === null || typeof item !== "object");
    const items = isPlain
      ? fillLines(value.map(writeFlat), inner)
      : value.map((item) => inner + formatJson(item, inner));
    return `[\n${items.join(",\n")}\n${indent}]`;
  }
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .map(([key, member]) => {
      const start = `${inner}${JSON.stringify(key)}: `;
      return start + formatJson(member, inner, start.length);
    });
  return `{\n${members.join(",\n")}\n${indent}}`;
}

/** Fills lines with items. */
function fillLines(items: readonly string[], indent: string): string[] {
  const lines: string[] = [];
  for (const item of items) {
    const line = lines.at(-1);
    if (line !== undefined && line.length + item.length + 3 < WIDTH)
      lines[lines.length - 1] = `${line}, ${item}`;
    else lines.push(indent + item);
  }
  return lines;
}

/** JSON on one line, small numbers in scientific notation. */
export function writeFlat(value: unknown): string {
  if (typeof value === "number" && value !== 0 && Math.abs(value) < 1e-3) return value.toExponential();
  if (value === null || typeof value !== "object") return JSON.stringify(value) ?? "null";
  if (Array.isArray(value)) return `[${value.map(writeFlat).join(", ")}]`;
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  return `{${members.map(([key, member]) => `${JSON.stringify(key)}: ${writeFlat(member)}`).join(", ")}}`;
}

/** The request as a curl command. Within single quotes a shell interprets only the quote. */
export function writeCurl(json: string, origin: string): string {
  const quoted = json.replaceAll("'", "'\\''");
  return `curl -X POST ${origin}/api/experiments \\\n  -H 'Content-Type: application/json' \\\n  -d '${quoted}'`;
}

/** The same with `ridgeline submit`. END alone on a line ends the document; JSON never contains it. */
export function writeCommand(json: string): string {
  return `cat > experiment.json <<'END'\n${json}\nEND\nridgeline submit experiment.json --watch`;
}
