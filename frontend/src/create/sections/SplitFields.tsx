import { ChoiceCards } from "../form/ChoiceCards";
import { chooseEntry } from "../form/catalogueChoice";
import classes from "../form/form.module.css";
import { useFormContext } from "../form/formContext";
import type { Catalogue } from "../form/formValues";
import { ParameterFields } from "../form/ParameterFields";

/** Which rows train, validate and test. */
export function SplitFields({ catalogue }: { catalogue: Catalogue }) {
  const form = useFormContext();
  const { split } = form.values;
  const entry = catalogue.splits.find((candidate) => candidate.name === split.name);
  return (
    <div className={classes.stack}>
      <h3 className={classes.subhead}>Split</h3>
      <ChoiceCards
        legend="Split"
        path="dataset.split.name"
        size="small"
        options={catalogue.splits.map(({ name, label }) => ({ name, label }))}
        value={split.name}
        onChange={(name) => {
          const chosen = catalogue.splits.find((candidate) => candidate.name === name);
          if (chosen) form.setFieldValue("split", chooseEntry(chosen));
        }}
        error={form.errors["split.name"]}
      />
      {entry && <p className={classes.help}>{entry.help}</p>}
      <ParameterFields path="dataset.split" place="split" parameters={entry?.parameters ?? []} />
    </div>
  );
}
