import { ChoiceCards } from "./ChoiceCards";
import { choose } from "./choice";
import type { Catalogue } from "./draft";
import { useDraft } from "./fields";
import classes from "./form.module.css";
import { ParameterFields } from "./ParameterFields";
import { ScheduleFields } from "./ScheduleFields";
import { Section } from "./Section";
import { hasRate } from "./specify";

export function OptimizerSection({ catalogue }: { catalogue: Catalogue }) {
  const form = useDraft();
  const { optimizer } = form.values;
  const entry = catalogue.optimizers.find((candidate) => candidate.name === optimizer.name);
  return (
    <Section title="Optimizer">
      <ChoiceCards
        legend="Optimizer"
        path="optimizer.name"
        size="small"
        options={catalogue.optimizers.map(({ name, label }) => ({ name, label }))}
        value={optimizer.name}
        onChange={(name) => {
          const chosen = catalogue.optimizers.find((candidate) => candidate.name === name);
          if (chosen) form.setFieldValue("optimizer", choose(chosen));
        }}
        error={form.errors["optimizer.name"]}
      />
      {entry && <p className={classes.help}>{entry.help}</p>}
      <ParameterFields path="optimizer" parameters={entry?.parameters ?? []} />
      {hasRate(form.values) && <ScheduleFields catalogue={catalogue} />}
    </Section>
  );
}
