import { Checkbox, NativeSelect, NumberInput, SegmentedControl, TextInput } from "@mantine/core";
import { useDraft } from "./fields";
import classes from "./form.module.css";
import { More, Section } from "./Section";

export function TrainingSection() {
  const form = useDraft();
  const { seeds } = form.values;
  const hasError = form.errors.precision !== undefined || form.errors.penalize_biases !== undefined;
  return (
    <Section title="Seeds and training">
      <div className={classes.fields}>
        <div className={classes.seeds}>
          {seeds.mode === "count" ? (
            <NumberInput
              id="seeds"
              label="Seeds"
              description="Repeats of every strength; 3 or more give a band."
              min={1}
              clampBehavior="none"
              allowDecimal={false}
              {...form.getInputProps("seeds.count")}
              error={form.errors.seeds}
            />
          ) : (
            <TextInput
              id="seeds"
              label="Seeds"
              description="Separated by commas, each 0 or more."
              autoComplete="off"
              {...form.getInputProps("seeds.list")}
              error={form.errors.seeds}
            />
          )}
          <SegmentedControl
            className={classes.seedsMode}
            size="xs"
            aria-label="How the seeds are given"
            data={[
              { value: "count", label: "Number" },
              { value: "list", label: "List" },
            ]}
            {...form.getInputProps("seeds.mode")}
          />
        </div>
        <NumberInput
          id="epochs"
          label="Epochs"
          description="Passes over the training examples."
          min={1}
          clampBehavior="none"
          allowDecimal={false}
          {...form.getInputProps("epochs")}
        />
        <NumberInput
          id="batch_size"
          label="Batch size"
          description="Examples per step."
          min={1}
          clampBehavior="none"
          allowDecimal={false}
          {...form.getInputProps("batch_size")}
        />
      </div>
      <More label="Precision and biases" hasError={hasError}>
        <div className={classes.fields}>
          <NativeSelect
            id="precision"
            label="Precision"
            description="Of every number in training."
            data={["float32", "float64"]}
            {...form.getInputProps("precision")}
          />
          <Checkbox
            id="penalize_biases"
            className={classes.check}
            label="Penalize biases"
            description="Let penalties act on biases and normalization too."
            {...form.getInputProps("penalize_biases", { type: "checkbox" })}
          />
        </div>
      </More>
    </Section>
  );
}
