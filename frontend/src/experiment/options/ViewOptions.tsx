import { SegmentedControl, Slider } from "@mantine/core";
import { useEffect, useState } from "react";
import { nameScore, type Task } from "../../text/scores";
import { AXES, type Axis, type ExperimentSearch, MOST_SMOOTHING } from "../search";
import classes from "./options.module.css";

interface Props {
  search: ExperimentSearch;
  task: Task;
  onChange: (change: Partial<ExperimentSearch>) => void;
}

/** The options of the charts, kept in the search parameters. */
export function ViewOptions({ search, task, onChange }: Props) {
  const logs = search.log ?? [];
  const names: Record<Axis, string> = {
    x: search.x === "seconds" ? "time" : "epochs",
    loss: "loss",
    score: nameScore(task),
  };
  const toggle = (axis: Axis) => {
    const next = AXES.filter((own) => (own === axis) !== logs.includes(own));
    onChange({ log: next.length > 0 ? next : undefined });
  };
  return (
    <fieldset className={classes.options} aria-label="View options">
      <SegmentedControl
        size="xs"
        aria-label="Horizontal axis"
        value={search.x ?? "epoch"}
        onChange={(x) => onChange({ x: x === "seconds" ? x : undefined })}
        data={[
          { value: "epoch", label: "Epochs" },
          { value: "seconds", label: "Seconds" },
        ]}
      />
      <fieldset className={classes.toggles} aria-label="Logarithmic axes">
        <span aria-hidden="true">log</span>
        {AXES.map((axis) => (
          <button
            key={axis}
            type="button"
            className={classes.toggle}
            aria-pressed={logs.includes(axis)}
            aria-label={`Logarithmic ${names[axis]} axis`}
            onClick={() => toggle(axis)}
          >
            {names[axis]}
          </button>
        ))}
      </fieldset>
      <Smoothing
        value={search.smoothing ?? 0}
        onChange={(value) => onChange({ smoothing: value || undefined })}
      />
      <SegmentedControl
        size="xs"
        aria-label="Seeds"
        value={search.seeds ?? "all"}
        onChange={(seeds) => onChange({ seeds: seeds === "mean" ? seeds : undefined })}
        data={[
          { value: "all", label: "Every seed" },
          { value: "mean", label: "Mean and band" },
        ]}
      />
      <SegmentedControl
        size="xs"
        aria-label="Training loss"
        value={search.loss ?? "epoch"}
        onChange={(loss) => onChange({ loss: loss === "batch" ? loss : undefined })}
        data={[
          { value: "epoch", label: "Epoch loss" },
          { value: "batch", label: "Minibatch loss" },
        ]}
      />
    </fieldset>
  );
}

function Smoothing({ value, onChange }: { value: number; onChange: (value: number) => void }) {
  const [shown, setShown] = useState(value);
  useEffect(() => setShown(value), [value]);
  return (
    <div className={classes.smoothing}>
      <span id="smoothing-label">Smoothing</span>
      <Slider
        size="sm"
        w={96}
        min={0}
        max={MOST_SMOOTHING}
        step={0.02}
        value={shown}
        onChange={setShown}
        onChangeEnd={(end) => onChange(Number(end.toFixed(2)))}
        label={null}
        thumbProps={{ "aria-labelledby": "smoothing-label" }}
      />
      <output>{shown === 0 ? "off" : shown.toFixed(2)}</output>
    </div>
  );
}
