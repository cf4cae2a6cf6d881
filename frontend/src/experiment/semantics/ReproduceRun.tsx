import { Button, CopyButton, NativeSelect } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { api, describeError, unwrap } from "../../api/client";
import { formatStrengths } from "../../text/digits";
import { getSymbol } from "../../text/regularizers";
import shared from "../shared.module.css";
import type { RunView } from "../types";
import classes from "./semantics.module.css";

const readScript = (run: number) =>
  unwrap(api.GET("/api/runs/{run_id}/script", { params: { path: { run_id: run } }, parseAs: "text" }));

/** Chooses a run of one regularizer, and shows the script that trains it without Ridgeline. */
export function ReproduceRun({ name, runs }: { name: string; runs: RunView[] }) {
  const strengths = [...new Set(runs.map((run) => run.strength))].sort((one, other) => one - other);
  const seeds = [...new Set(runs.map((run) => run.seed))].sort((one, other) => one - other);
  const texts = formatStrengths(strengths, getSymbol(name));
  const [strength, setStrength] = useState<number>();
  const [seed, setSeed] = useState<number>();
  const script = useMutation({ mutationFn: readScript });
  const run = runs.find(
    (each) => each.strength === (strength ?? strengths[0]) && each.seed === (seed ?? seeds[0]),
  );
  if (runs.length === 0) return null;
  const choose = (change: () => void) => {
    change();
    script.reset();
  };
  return (
    <div className={classes.reproduce}>
      <div className={classes.choice}>
        {name !== "none" && (
          <NativeSelect
            size="xs"
            label="Strength"
            value={String(strength ?? strengths[0])}
            onChange={(event) => choose(() => setStrength(Number(event.currentTarget.value)))}
            data={strengths.map((value) => ({
              value: String(value),
              label: texts.get(value) ?? String(value),
            }))}
          />
        )}
        <NativeSelect
          size="xs"
          label="Seed"
          value={String(seed ?? seeds[0])}
          onChange={(event) => choose(() => setSeed(Number(event.currentTarget.value)))}
          data={seeds.map(String)}
        />
        <Button
          size="xs"
          variant="default"
          loading={script.isPending}
          disabled={run === undefined}
          onClick={() => run && script.mutate(run.id)}
        >
          Reproduce this run
        </Button>
      </div>
      {script.error && (
        <p className={shared.problem} role="alert">
          {describeError(script.error)}
        </p>
      )}
      {run && script.data !== undefined && <Script run={run.id} text={script.data} />}
    </div>
  );
}

function Script({ run, text }: { run: number; text: string }) {
  return (
    <>
      <p className={shared.count} role="status">
        A script of {text.split("\n").length} lines that prints the curve of run {run}; it needs torch, numpy
        and scikit-learn.
      </p>
      <div className={classes.choice}>
        <Button
          component="a"
          size="compact-xs"
          variant="default"
          href={`/api/runs/${run}/script`}
          download={`ridgeline-run-${run}.py`}
        >
          Download
        </Button>
        <CopyButton value={text}>
          {({ copied, copy }) => (
            <Button size="compact-xs" variant="default" onClick={copy}>
              <span aria-live="polite">{copied ? "Copied" : "Copy"}</span>
            </Button>
          )}
        </CopyButton>
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard */}
      <section className={classes.script} tabIndex={0} aria-label={`Script of run ${run}`}>
        <pre>{text}</pre>
      </section>
    </>
  );
}
