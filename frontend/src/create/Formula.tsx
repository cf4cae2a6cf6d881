import "katex/dist/katex.min.css";
import { renderToString } from "katex";
import { useMemo } from "react";

/** LaTeX of the catalogue, typeset; screen readers get MathML. A lazy chunk: KaTeX is large, and only the form needs it. */
export default function Formula({ latex, display = false }: { latex: string; display?: boolean }) {
  const html = useMemo(
    () => renderToString(latex, { displayMode: display, throwOnError: false, output: "htmlAndMathml" }),
    [latex, display],
  );
  // biome-ignore lint/security/noDangerouslySetInnerHtml: KaTeX's own output, made from the catalogue, never from a reader
  return <span dangerouslySetInnerHTML={{ __html: html }} />;
}
