import { isActive } from "../../../api/queries";
import { useCanChange } from "../../../api/session";
import { countNoun } from "../../../text/numbers";
import { formatMoment, formatMomentInFull } from "../../../text/times";
import type { Experiment } from "../../types";
import classes from "../page.module.css";
import { EditableTags } from "./EditableTags";
import { EditableText } from "./EditableText";
import { ExperimentActions } from "./ExperimentActions";
import { nameFixed } from "./fixedRegularizers";
import { ProgressLine } from "./ProgressLine";
import { nameSplit } from "./splitName";

/** Name, notes, tags, progress, best result and actions of an experiment. */
export function ExperimentHeader({ experiment }: { experiment: Experiment }) {
  const { id, best } = experiment;
  const canChange = useCanChange();
  return (
    <header className={classes.head}>
      <div className={classes.titleRow}>
        <EditableText
          experiment={experiment}
          field="name"
          placeholder={`Experiment ${id}`}
          maxLength={200}
          isReadOnly={!canChange}
          wrap={(line) => <h1 className={classes.title}>{line}</h1>}
        />
        {canChange && <ExperimentActions experiment={experiment} />}
      </div>
      <div className={classes.notes}>
        <Facts experiment={experiment} />
        <EditableTags experiment={experiment} canChange={canChange} />
        <EditableText
          experiment={experiment}
          field="notes"
          placeholder="Add notes"
          maxLength={10_000}
          isLong
          isReadOnly={!canChange}
          className={classes.note}
        />
      </div>
      <ProgressLine experiment={experiment} />
      {best && (
        <p className={classes.best}>
          {best.tie ? (
            isActive(experiment.state) && <span>So far</span>
          ) : (
            <span>
              {isActive(experiment.state) ? "Highest on validation so far" : "Highest on validation"}
            </span>
          )}{" "}
          <Sentence text={best.sentence} />
        </p>
      )}
    </header>
  );
}

/** A sentence whose closing brackets, its basis, are set off. */
function Sentence({ text }: { text: string }) {
  const [, said = text, basis] = /^(.*) \(([^()]+)\)$/.exec(text) ?? [];
  return (
    <>
      {said} {basis !== undefined && <span>({basis})</span>}
    </>
  );
}

function Facts({ experiment }: { experiment: Experiment }) {
  const { dataset, network, runs, jobs, spec, created } = experiment;
  const fixed = nameFixed(spec);
  const split = nameSplit(spec);
  return (
    <p className={classes.facts}>
      {dataset} · {split !== "" && <>{split} · </>}
      {network} · {spec.optimizer.name} · {countNoun(runs, "run")} in {countNoun(jobs.length, "job")} ·{" "}
      {countNoun(spec.epochs ?? 0, "epoch")} · {fixed !== "" && <>{fixed} on every run · </>}
      <time dateTime={created} title={formatMomentInFull(created)}>
        {formatMoment(created)}
      </time>
    </p>
  );
}
