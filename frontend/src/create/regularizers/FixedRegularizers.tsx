import { ActionIcon, NativeSelect, TextInput } from "@mantine/core";
import { IconX } from "@tabler/icons-react";
import { lazy, Suspense } from "react";
import classes from "../form/form.module.css";
import { useFormContext } from "../form/formContext";
import { type Catalogue, chooseFixed } from "../form/formValues";
import { ParameterFields } from "../form/ParameterFields";
import { describeRange } from "../strengths/strengthValues";

const Formula = lazy(() => import("./Formula"));

/** Regularizers of every run, including the baseline, with one strength each. */
export function FixedRegularizers({ catalogue }: { catalogue: Catalogue }) {
  const form = useFormContext();
  const offered = catalogue.regularizers.filter((entry) => entry.strength);
  const add = (name: string) => {
    const entry = offered.find((candidate) => candidate.name === name);
    if (entry) form.insertListItem("fixed", chooseFixed(entry));
  };
  return (
    <section className={classes.stack} aria-labelledby="fixed-title">
      <h3 className={classes.subhead} id="fixed-title">
        On every run, the baseline included
      </h3>
      {form.values.fixed.map((one, index) => {
        const entry = offered.find((candidate) => candidate.name === one.name);
        return entry ? <FixedCard key={one.id} entry={entry} index={index} /> : null;
      })}
      {form.errors.fixed && (
        <p className={classes.error} role="alert">
          {form.errors.fixed}
        </p>
      )}
      <NativeSelect
        id="fixed"
        aria-label="Add a regularizer that acts on every run"
        value=""
        onChange={(event) => add(event.currentTarget.value)}
        data={[
          { value: "", label: "Add one with a fixed strength…" },
          ...offered.map(({ name, label }) => ({ value: name, label })),
        ]}
        maw={320}
      />
    </section>
  );
}

function FixedCard({ entry, index }: { entry: Catalogue["regularizers"][number]; index: number }) {
  const form = useFormContext();
  const path = `fixed.${index}`;
  return (
    <article className={classes.card} aria-label={`${entry.label} on every run`}>
      <div className={classes.cardHead}>
        <h4>{entry.label}</h4>
        <div className={classes.formula}>
          <Suspense>
            <Formula latex={entry.formula} />
          </Suspense>
        </div>
        <ActionIcon
          variant="subtle"
          color="gray"
          aria-label={`Remove ${entry.label} from every run`}
          onClick={() => form.removeListItem("fixed", index)}
        >
          <IconX size={17} />
        </ActionIcon>
      </div>
      {form.errors[`${path}.name`] && (
        <p className={classes.error} role="alert">
          {form.errors[`${path}.name`]}
        </p>
      )}
      <div className={classes.fields}>
        <TextInput
          id={`${path}.strengths`}
          label={`Strength ${entry.symbol}`}
          aria-label={`${entry.label} on every run: strength`}
          description={entry.strength && describeRange(entry.strength, "0 does nothing")}
          autoComplete="off"
          inputMode="decimal"
          {...form.getInputProps(`${path}.strength`)}
        />
      </div>
      <ParameterFields path={path} parameters={entry.parameters ?? []} />
    </article>
  );
}
