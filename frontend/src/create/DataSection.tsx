import { formatCount } from "../format";
import { ChoiceCards } from "./ChoiceCards";
import { type Catalogue, choose } from "./draft";
import { useDraft } from "./fields";
import classes from "./form.module.css";
import { ParameterFields } from "./ParameterFields";
import { Preview, Thumbnail } from "./Preview";
import { More, Section } from "./Section";

type Dataset = Catalogue["datasets"][number];

export function DataSection({ catalogue }: { catalogue: Catalogue }) {
  const form = useDraft();
  const { name } = form.values.dataset;
  const dataset = catalogue.datasets.find((entry) => entry.name === name);
  if (dataset === undefined) return null;
  const parameters = dataset.parameters ?? [];
  const rest = parameters.filter((parameter) => !parameter.optional);
  return (
    <Section title="Data" aside={dataset.task}>
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
          if (entry) form.setFieldValue("dataset", choose(entry));
        }}
        error={form.errors["dataset.name"]}
      />
      <div className={classes.chosen}>
        <Preview dataset={dataset} />
        <p className={classes.help}>
          {dataset.help} <span className={classes.onlyNarrow}>{describeSize(dataset)}.</span>
        </p>
        <p className={classes.quiet}>{describeSplit(dataset)}</p>
      </div>
      <ParameterFields
        path="dataset"
        parameters={parameters.filter((parameter) => parameter.optional)}
        placeholders={{
          train_examples: dataset.generated ? "all" : `all ${formatCount(dataset.split.train)}`,
        }}
      />
      {rest.length > 0 && (
        <More
          label="Split and scaling"
          hasError={rest.some(
            (parameter) => form.errors[`dataset.parameters.${parameter.name}`] !== undefined,
          )}
        >
          <ParameterFields path="dataset" parameters={rest} />
        </More>
      )}
    </Section>
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
