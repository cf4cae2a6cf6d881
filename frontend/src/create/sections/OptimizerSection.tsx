import { ChoiceCards } from "../form/ChoiceCards";
import { chooseEntry } from "../form/catalogueChoice";
import { FormSection } from "../form/FormSection";
import classes from "../form/form.module.css";
import { useFormContext } from "../form/formContext";
import type { Catalogue } from "../form/formValues";
import { offerSplit } from "../form/offeredSplit";
import { ParameterFields } from "../form/ParameterFields";
import { hasRate } from "../form/toSpec";
import { ScheduleFields } from "./ScheduleFields";

export function OptimizerSection({ catalogue }: { catalogue: Catalogue }) {
  const form = useFormContext();
  const { optimizer } = form.values;
  const entry = catalogue.optimizers.find((candidate) => candidate.name === optimizer.name);
  return (
    <FormSection title="Optimizer">
      <ChoiceCards
        legend="Optimizer"
        path="optimizer.name"
        size="small"
        options={catalogue.optimizers.map(({ name, label }) => ({ name, label }))}
        value={optimizer.name}
        onChange={(name) => {
          const chosen = catalogue.optimizers.find((candidate) => candidate.name === name);
          if (chosen === undefined) return;
          form.setFieldValue("split", offerSplit(form.values.split, optimizer.name, name, catalogue));
          form.setFieldValue("optimizer", chooseEntry(chosen));
        }}
        error={form.errors["optimizer.name"]}
      />
      {entry && <p className={classes.help}>{entry.help}</p>}
      <ParameterFields path="optimizer" parameters={entry?.parameters ?? []} />
      {hasRate(form.values) && <ScheduleFields catalogue={catalogue} />}
    </FormSection>
  );
}
