import { Button, CopyButton, Group } from "@mantine/core";
import { useState } from "react";
import { splitFailure } from "./failureText";
import classes from "./page.module.css";

const FEW = 8;

/** Why a job failed: the sentence and the last lines of its output. */
export function FailureDetails({ error }: { error: string }) {
  const [isWhole, setIsWhole] = useState(false);
  const { sentence, lines } = splitFailure(error);
  const shown = isWhole ? lines : lines.slice(-FEW);
  return (
    <div>
      <p className={classes.failureText}>{sentence}</p>
      {lines.length > 0 && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reachable by keyboard
        <pre className={classes.failureLog} tabIndex={0}>
          {shown.join("\n")}
        </pre>
      )}
      <Group gap="xs" mt={4}>
        {lines.length > FEW && (
          <Button size="compact-xs" variant="subtle" color="gray" onClick={() => setIsWhole(!isWhole)}>
            {isWhole ? "Show the last lines only" : `Show all ${lines.length} lines`}
          </Button>
        )}
        <CopyButton value={error}>
          {({ copied, copy }) => (
            <Button
              size="compact-xs"
              variant="subtle"
              color="gray"
              onClick={copy}
              aria-label="Copy the cause"
            >
              <span aria-live="polite">{copied ? "Copied" : "Copy"}</span>
            </Button>
          )}
        </CopyButton>
      </Group>
    </div>
  );
}
