import { useQuery } from "@tanstack/react-query";
import { describeError, type Schemas } from "../../api/client";
import { readCatalogue } from "../../api/queries";
import Formula from "../../create/regularizers/Formula";
import { labelRegularizer, splitKey } from "../../text/regularizers";
import { formatStrength } from "../../text/strengths";
import { readRuns } from "../live/queries";
import shared from "../shared.module.css";
import type { Experiment, RunView } from "../types";
import { ReproduceRun } from "./ReproduceRun";
import classes from "./semantics.module.css";

type Semantics = Schemas["Semantics"];

/** A card per regularizer, the baseline first. */
export default function SemanticsCards({ experiment }: { experiment: Experiment }) {
  const catalogue = useQuery(readCatalogue());
  const runs = useQuery({ ...readRuns(experiment.id), refetchOnMount: false });
  if (catalogue.error || runs.error)
    return (
      <p className={shared.problem} role="alert">
        {describeError(catalogue.error ?? runs.error)}
      </p>
    );
  if (catalogue.data === undefined) return <p className={shared.count}>Loading the definitions</p>;
  const known = new Map(catalogue.data.regularizers.map((entry) => [entry.name, entry.semantics]));
  return (
    <>
      <p className={shared.count}>
        L is the mean data loss of the n training examples, η the learning rate.
        {experiment.spec.penalize_biases &&
          " In this experiment penalties act on biases and normalization too."}
      </p>
      <div className={classes.cards}>
        {experiment.regularizers.map((key) => {
          const semantics = known.get(splitKey(key).name);
          return (
            semantics && (
              <Card
                key={key}
                name={key}
                semantics={semantics}
                task={experiment.task}
                isLinear={experiment.spec.network.name === "linear"}
                runs={(runs.data ?? []).filter((run) => run.regularizer === key)}
              />
            )
          );
        })}
      </div>
    </>
  );
}

interface CardProps {
  name: string;
  semantics: Semantics;
  task: Experiment["task"];
  isLinear: boolean;
  runs: RunView[];
}

function Card({ name, semantics, task, isLinear, runs }: CardProps) {
  const equivalents = semantics.equivalents.filter(
    (each) => (each.task === null || each.task === task) && (isLinear || !each.linear),
  );
  const largest =
    runs.map((run) => run.test?.largest_strength).find((value) => typeof value === "number") ?? null;
  return (
    <article className={classes.card} aria-label={labelRegularizer(name)}>
      <h3>{labelRegularizer(name)}</h3>
      <div className={classes.formula}>
        <Formula latex={semantics.objective} display />
      </div>
      <dl className={classes.facts}>
        <dt>Acts on</dt>
        <dd>{semantics.acts_on}</dd>
        {semantics.way !== "nothing" && <dt>{nameWay(semantics.way)}</dt>}
        {semantics.way !== "nothing" && <dd>{semantics.explanation}</dd>}
        {semantics.largest !== "" && (
          <>
            <dt>Largest useful</dt>
            <dd>
              <Formula latex={semantics.largest} />
              {largest === null ? "" : `, here ${formatStrength(largest)}`}: from there on the optimum of a
              linear model is 0.
            </dd>
          </>
        )}
        {(equivalents.length > 0 || semantics.none_in !== "") && (
          <>
            <dt>Elsewhere</dt>
            <dd>
              <ul className={classes.equivalents}>
                {equivalents.map((each) => (
                  <li key={each.library + each.code}>
                    {each.library}: <code>{each.code}</code>
                    {each.note !== "" && <span className={shared.count}> {each.note}</span>}
                  </li>
                ))}
                {semantics.none_in !== "" && <li className={shared.count}>{semantics.none_in}</li>}
              </ul>
            </dd>
          </>
        )}
      </dl>
      <ReproduceRun name={name} runs={runs} />
    </article>
  );
}

function nameWay(way: Semantics["way"]): string {
  return `${way[0]?.toUpperCase()}${way.slice(1)}`;
}
