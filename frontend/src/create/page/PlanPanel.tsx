import { Button } from "@mantine/core";
import { describeDetail } from "../../api/fieldErrors";
import { useCanChange } from "../../api/session";
import { countNoun } from "../../text/numbers";
import { describeEstimate } from "../../text/times";
import classes from "./side.module.css";
import type { PlanAnswer } from "./usePlan";

interface Props {
  planned: PlanAnswer | null;
  isSending: boolean;
  /** Whether an edited text has not been applied yet. */
  isWaiting: boolean;
}

/** The plan of the experiment and the button that starts it; a bar at the bottom on a narrow screen. */
export function PlanPanel({ planned, isSending, isWaiting }: Props) {
  const canChange = useCanChange();
  return (
    <div className={`rl-surface ${classes.plan}`}>
      <div className={classes.planText} aria-live="polite">
        <Words planned={planned} />
      </div>
      <Button
        type="submit"
        size="md"
        loading={isSending}
        disabled={!canChange || isWaiting}
        className={classes.start}
      >
        Start experiment
      </Button>
      {canChange && isWaiting && (
        <p className={classes.planSub}>The edited text is not in the form yet: apply or discard it first.</p>
      )}
      {!canChange && <p className={classes.planSub}>You are logged in to look, not to start something.</p>}
    </div>
  );
}

function Words({ planned }: { planned: PlanAnswer | null }) {
  if (planned === null) return <p className={classes.planMain}>Counting…</p>;
  const { data: plan, details, problem } = planned;
  if (plan === null && problem !== null) return <p className={classes.planMain}>{problem}</p>;
  if (plan === null) {
    const count = details.length === 1 ? "One thing" : `${details.length} things`;
    return (
      <>
        <p className={classes.planMain}>{count} to correct</p>
        <p className={classes.planSub}>{details[0] && describeDetail(details[0])}</p>
      </>
    );
  }
  return (
    <>
      <p className={classes.planMain}>
        {countNoun(plan.runs, "run")} in {countNoun(plan.jobs, "job")}
        {plan.seconds !== null && (
          <>
            {", "}
            <span className={classes.planTime}>{describeEstimate(plan.seconds)} here</span>
          </>
        )}
      </p>
      <p className={classes.planSub}>
        {plan.seconds === null && "No estimate yet: nothing has been trained here to go by. "}
        {plan.weights !== null && `${countNoun(plan.weights, "weight")} in each network.`}
      </p>
      {plan.without_effect.map((sentence) => (
        <p key={sentence} className={classes.planSub}>
          {sentence}
        </p>
      ))}
    </>
  );
}
