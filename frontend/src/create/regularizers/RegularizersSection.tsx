import { ActionIcon, Button } from "@mantine/core";
import { IconPlus, IconX } from "@tabler/icons-react";
import { lazy, Suspense } from "react";
import { FormSection } from "../form/FormSection";
import classes from "../form/form.module.css";
import { useFormContext } from "../form/formContext";
import { type Catalogue, chooseRegularizer } from "../form/formValues";
import { ParameterFields } from "../form/ParameterFields";
import { FixedRegularizers } from "./FixedRegularizers";
import { StrengthFields } from "./StrengthFields";

const Formula = lazy(() => import("./Formula"));

export function RegularizersSection({ catalogue }: { catalogue: Catalogue }) {
  const form = useFormContext();
  const cards = form.values.regularizers;
  const chosen = new Set(cards.map((card) => card.name));
  // A regularizer with parameters may be added again with other values.
  const offered = catalogue.regularizers.filter(
    (entry) => entry.strength && (!chosen.has(entry.name) || (entry.parameters ?? []).length > 0),
  );
  return (
    <FormSection title="Regularizers" aside="the baseline without any is always added">
      {cards.map((card, index) => {
        const entry = catalogue.regularizers.find((candidate) => candidate.name === card.name);
        return entry ? <Card key={card.id} entry={entry} index={index} /> : null;
      })}
      {cards.length === 0 && <p className={classes.help}>None yet: only the baseline would be trained.</p>}
      {form.errors.regularizers && (
        <p className={classes.error} role="alert">
          {form.errors.regularizers}
        </p>
      )}
      <fieldset className={classes.add} id="regularizers" tabIndex={-1}>
        <legend className={classes.hidden}>Add a regularizer</legend>
        {offered.map((entry) => (
          <Button
            key={entry.name}
            variant="default"
            size="compact-md"
            leftSection={<IconPlus size={14} />}
            aria-label={`Add ${entry.label}`}
            title={entry.help}
            onClick={() => form.insertListItem("regularizers", chooseRegularizer(entry))}
          >
            {entry.label}
          </Button>
        ))}
      </fieldset>
      <FixedRegularizers catalogue={catalogue} />
    </FormSection>
  );
}

function Card({ entry, index }: { entry: Catalogue["regularizers"][number]; index: number }) {
  const form = useFormContext();
  const path = `regularizers.${index}`;
  return (
    <article className={classes.card} aria-label={entry.label}>
      <div className={classes.cardHead}>
        <h3>{entry.label}</h3>
        <ActionIcon
          variant="subtle"
          color="gray"
          aria-label={`Remove ${entry.label}`}
          onClick={() => form.removeListItem("regularizers", index)}
        >
          <IconX size={17} />
        </ActionIcon>
      </div>
      <div className={classes.definition}>
        <div className={classes.formula}>
          <Suspense>
            <Formula latex={entry.formula} display />
          </Suspense>
        </div>
        <p className={classes.help}>{entry.help}</p>
      </div>
      <details className={classes.more}>
        <summary>How it is optimized</summary>
        <div className={classes.formula}>
          <Suspense>
            <Formula latex={entry.update} display />
          </Suspense>
        </div>
        <p className={classes.quiet}>{entry.source}</p>
      </details>
      {form.errors[`${path}.name`] && (
        <p className={classes.error} role="alert">
          {form.errors[`${path}.name`]}
        </p>
      )}
      <ParameterFields path={path} parameters={entry.parameters ?? []} />
      <StrengthFields index={index} entry={entry} />
    </article>
  );
}
