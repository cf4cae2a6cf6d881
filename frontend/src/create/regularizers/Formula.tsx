import "katex/dist/katex.min.css";
import { render } from "katex";
import { useLayoutEffect, useRef } from "react";

/** LaTeX of the catalogue, typeset; screen readers get MathML. A lazy chunk: KaTeX is large, and only the form needs it. */
export default function Formula({ latex, display = false }: { latex: string; display?: boolean }) {
  const host = useRef<HTMLSpanElement>(null);
  useLayoutEffect(() => {
    // As nodes, not as text: the content security policy ignores style attributes within HTML.
    if (host.current !== null)
      render(latex, host.current, { displayMode: display, throwOnError: false, output: "htmlAndMathml" });
  }, [latex, display]);
  return <span ref={host} />;
}
