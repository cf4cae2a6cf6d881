import { Button, CopyButton, SegmentedControl } from "@mantine/core";
import { IconCheck, IconCopy } from "@tabler/icons-react";
import { useState } from "react";
import { layOut, writeCommand, writeCurl } from "./code";
import type { Spec } from "./draft";
import classes from "./side.module.css";

const WAYS = ["JSON", "curl", "Command line"] as const;
type Way = (typeof WAYS)[number];

/** The same experiment for those who would rather type it. */
export function CodePanel({ spec }: { spec: Spec }) {
  const [way, setWay] = useState<Way>("JSON");
  const json = layOut(spec);
  const texts: Record<Way, string> = {
    JSON: json,
    curl: writeCurl(json, window.location.origin),
    "Command line": writeCommand(json),
  };
  return (
    <section className={`rl-surface ${classes.code}`} aria-label="The same as code">
      <div className={classes.codeHead}>
        <SegmentedControl
          size="xs"
          aria-label="Show the experiment as"
          value={way}
          onChange={(value) => setWay(value as Way)}
          data={[...WAYS]}
        />
        <CopyButton value={texts[way]}>
          {({ copied, copy }) => (
            <Button
              size="compact-xs"
              variant="subtle"
              color="gray"
              leftSection={copied ? <IconCheck size={14} /> : <IconCopy size={14} />}
              onClick={copy}
              aria-label={`Copy as ${way}`}
            >
              <span aria-live="polite">{copied ? "Copied" : "Copy"}</span>
            </Button>
          )}
        </CopyButton>
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reachable by keyboard */}
      <pre tabIndex={0}>{texts[way]}</pre>
    </section>
  );
}
