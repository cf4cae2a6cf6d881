import "katex/dist/katex.min.css";
import { render } from "katex";
import { useLayoutEffect, useRef } from "react";

/** Typeset LaTeX, with MathML for screen readers. Loaded lazily: KaTeX is large, and only the form uses it. */
export default function Formula({ latex, display = false }: { latex: string; display?: boolean }) {
  const host = useRef<HTMLSpanElement>(null);
  useLayoutEffect(() => {
    // Rendered to nodes: the content security policy blocks style attributes in HTML text.
    if (host.current !== null)
      render(latex, host.current, { displayMode: display, throwOnError: false, output: "htmlAndMathml" });
  }, [latex, display]);
  return <span ref={host} />;
}
