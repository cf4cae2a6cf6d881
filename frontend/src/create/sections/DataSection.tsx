import { formatCount } from "../../text/numbers";
import { ChoiceCards } from "../form/ChoiceCards";
import { chooseEntry, hasChanges } from "../form/catalogueChoice";
import { FormSection, MoreOptions } from "../form/FormSection";
import classes from "../form/form.module.css";
import { useFormContext } from "../form/formContext";
import type { Catalogue } from "../form/formValues";
import { ParameterFields } from "../form/ParameterFields";
import { DatasetPreview, Thumbnail } from "./DatasetPreview";
import { SplitFields } from "./SplitFields";

// Parameters shown at once; the others are folded away.
const COMMON: readonly string[] = ["train_examples", "label_noise", "samples", "noise"];

type Dataset = Catalogue["datasets"][number];

export function DataSection({ catalogue }: { catalogue: Catalogue }) {
  const form = useFormContext();
  const { name } = form.values.dataset;
  const dataset = catalogue.datasets.find((entry) => entry.name === name);
  if (dataset === undefined) return null;
  const parameters = dataset.parameters ?? [];
  const rest = parameters.filter(({ name: parameter }) => !COMMON.includes(parameter));
  const hasError = (place: string, named: readonly { name: string }[]) =>
    named.some((parameter) => form.errors[`${place}.parameters.${parameter.name}`] !== undefined);
  return (
    <FormSection title="Data" aside={dataset.task}>
      <ChoiceCards
        legend="Data set"
        path="dataset.name"
        isCompact
        options={catalogue.datasets.map((entry) => ({
          name: entry.name,
          label: entry.label,
          detail: describeSize(entry),
          picture: <Thumbnail dataset={entry} />,
        }))}
        value={name}
        onChange={(chosen) => {
          const entry = catalogue.datasets.find((candidate) => candidate.name === chosen);
          if (entry) form.setFieldValue("dataset", chooseEntry(entry));
        }}
        error={form.errors["dataset.name"]}
      />
      <div className={classes.chosen}>
        <DatasetPreview dataset={dataset} />
        <p className={classes.help}>
          {dataset.help} <span className={classes.onlyNarrow}>{describeSize(dataset)}.</span>
        </p>
        <p className={classes.quiet}>{describeSplit(dataset)}</p>
      </div>
      <ParameterFields
        path="dataset"
        parameters={parameters.filter(({ name: parameter }) => COMMON.includes(parameter))}
        placeholders={{
          train_examples: dataset.generated ? "all" : `all ${formatCount(dataset.split.train)}`,
        }}
      />
      <SplitFields catalogue={catalogue} />
      {dataset.shape.length === 3 && (
        <MoreOptions
          label="Augmentation"
          hasError={hasError("augmentation", catalogue.augmentation)}
          hasChanges={hasChanges(form.values.augmentation, catalogue.augmentation)}
        >
          <ParameterFields
            path="dataset.augmentation"
            place="augmentation"
            parameters={catalogue.augmentation}
          />
        </MoreOptions>
      )}
      {rest.length > 0 && (
        <MoreOptions
          label="Sizes and scaling"
          hasError={hasError("dataset", rest)}
          hasChanges={hasChanges(form.values.dataset, rest)}
        >
          <ParameterFields
            path="dataset"
            parameters={rest}
            placeholders={{
              validation_examples: "by share",
              test_examples: "by share",
              divide_by: "nothing",
            }}
          />
        </MoreOptions>
      )}
    </FormSection>
  );
}

function describeSize(dataset: Dataset): string {
  const [height, width] = dataset.shape;
  const shape = dataset.shape.length === 3 ? `${height}×${width} images` : `${dataset.shape[0]} features`;
  const target = dataset.classes ? `${dataset.classes} classes` : "a number";
  return `${formatCount(dataset.examples)} × ${shape}, ${target}`.replace(/^(\S+) × (\d+×)/, "$1 $2");
}

function describeSplit(dataset: Dataset): string {
  const { train, validation, test } = dataset.split;
  const parts = `${formatCount(train)} to train on, ${formatCount(validation)} to validate, ${formatCount(test)} to test`;
  const usually = dataset.generated ? "Unless you change it below: " : "By default ";
  const download = dataset.download ? " Downloaded at first use." : "";
  return `${usually}${parts}.${download} Source: ${dataset.source}`;
}
