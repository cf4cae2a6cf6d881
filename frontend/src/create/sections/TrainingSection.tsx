import { Checkbox, NumberInput, SegmentedControl, TextInput } from "@mantine/core";
import { hasChanges } from "../form/catalogueChoice";
import { FormSection, MoreOptions } from "../form/FormSection";
import classes from "../form/form.module.css";
import { useFormContext } from "../form/formContext";
import type { Catalogue } from "../form/formValues";
import { ParameterFields } from "../form/ParameterFields";
import { HalvingFields } from "./HalvingFields";

export function TrainingSection({ catalogue }: { catalogue: Catalogue }) {
  const form = useFormContext();
  const { options, penalize_biases: penalizes } = form.values;
  const hasError =
    form.errors.penalize_biases !== undefined ||
    catalogue.options.some(({ name }) => form.errors[`options.parameters.${name}`] !== undefined);
  return (
    <FormSection title="Seeds and training">
      <div className={classes.fields}>
        <SeedsField />
        <NumberInput
          id="epochs"
          label="Epochs"
          description="Passes over the training examples."
          min={1}
          clampBehavior="none"
          allowDecimal={false}
          {...form.getInputProps("epochs")}
        />
        <BatchField />
      </div>
      <HalvingFields catalogue={catalogue} />
      <MoreOptions
        label="More options"
        hasError={hasError}
        hasChanges={penalizes || hasChanges(options, catalogue.options)}
      >
        <div className={classes.stack}>
          <ParameterFields
            path=""
            place="options"
            parameters={catalogue.options}
            placeholders={{ clip_norm: "never", tolerance: "all epochs" }}
          />
          <Checkbox
            id="penalize_biases"
            label="Penalize biases"
            description="Let penalties and weight decay act on biases and normalization too."
            {...form.getInputProps("penalize_biases", { type: "checkbox" })}
          />
        </div>
      </MoreOptions>
    </FormSection>
  );
}

function SeedsField() {
  const form = useFormContext();
  const shared = { id: "seeds", label: "Seeds" };
  return (
    <div className={classes.seeds}>
      {form.values.seeds.mode === "count" ? (
        <NumberInput
          {...shared}
          description="Repeats of every strength; 3 or more give a band."
          min={1}
          clampBehavior="none"
          allowDecimal={false}
          {...form.getInputProps("seeds.count")}
          error={form.errors.seeds}
        />
      ) : (
        <TextInput
          {...shared}
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
  );
}

function BatchField() {
  const form = useFormContext();
  const isFull = form.values.batch.mode === "full";
  return (
    <div className={classes.seeds}>
      {isFull ? (
        <TextInput
          id="batch_size"
          label="Batch size"
          description="All training examples in each step."
          value="all"
          readOnly
          error={form.errors["batch.size"]}
        />
      ) : (
        <NumberInput
          id="batch_size"
          label="Batch size"
          description="Examples per step."
          min={1}
          clampBehavior="none"
          allowDecimal={false}
          {...form.getInputProps("batch.size")}
        />
      )}
      <SegmentedControl
        className={classes.seedsMode}
        size="xs"
        aria-label="How large a batch is"
        data={[
          { value: "number", label: "Number" },
          { value: "full", label: "Full" },
        ]}
        {...form.getInputProps("batch.mode")}
      />
    </div>
  );
}
