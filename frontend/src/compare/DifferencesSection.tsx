import type { Schemas } from "../api/client";
import shared from "../experiment/shared.module.css";
import { countNoun } from "../text/numbers";
import classes from "./compare.module.css";
import { nameExperiment } from "./nameExperiment";
import type { Compared, Comparison } from "./queries";

/** The fields of the specs that differ; those that are the same are folded away. */
export function DifferencesSection({ comparison }: { comparison: Comparison }) {
  const { experiments, differing, same } = comparison;
  return (
    <section className={shared.section} aria-labelledby="differences-title">
      <h2 id="differences-title">What differs</h2>
      {differing.length === 0 ? (
        <p className={shared.count}>Nothing: their specs are the same, but for name, notes and tags.</p>
      ) : (
        <FieldTable experiments={experiments} fields={differing} label="Fields that differ" />
      )}
      <details className={classes.same}>
        <summary>{countNoun(same.length, "field")} the same</summary>
        <FieldTable experiments={experiments.slice(0, 1)} fields={same} label="Fields that are the same" />
      </details>
    </section>
  );
}

interface TableProps {
  experiments: readonly Compared[];
  fields: readonly Schemas["SpecField"][];
  label: string;
}

/** A row per field, a column per experiment; with one experiment its values are those of all. */
function FieldTable({ experiments, fields, label }: TableProps) {
  const isShared = experiments.length === 1;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls sideways, by the arrow keys too
    <section className={classes.scroll} tabIndex={0} aria-label={label}>
      <table className={classes.fields}>
        <thead>
          <tr>
            <th scope="col">Field</th>
            {experiments.map((experiment) => (
              <th key={experiment.id} scope="col" dir="auto">
                {isShared ? "Value in all" : nameExperiment(experiment)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {fields.map(({ path, label: name, values }) => (
            <tr key={path}>
              <th scope="row">{name}</th>
              {experiments.map(({ id }, place) => (
                <td key={id}>{values[place] ?? <span className={classes.absent}>–</span>}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
