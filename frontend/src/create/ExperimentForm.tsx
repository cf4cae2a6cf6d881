import { type FormEvent, useEffect, useMemo, useRef } from "react";
import { ApiError, describeError } from "../api/client";
import { CodePanel } from "./CodePanel";
import { DataSection } from "./DataSection";
import type { Catalogue, Draft } from "./draft";
import { ErrorSummary } from "./ErrorSummary";
import { placeErrors } from "./errors";
import { DraftProvider, listFields, useDraftForm } from "./fields";
import classes from "./form.module.css";
import { NameSection } from "./NameSection";
import { NetworkSection } from "./NetworkSection";
import { OptimizerSection } from "./OptimizerSection";
import { PlanPanel } from "./PlanPanel";
import { RegularizersSection } from "./RegularizersSection";
import { draftToSpec } from "./specify";
import { TrainingSection } from "./TrainingSection";
import { usePlan } from "./usePlan";
import { useStart } from "./useStart";

/** The form itself. The API judges every change; what it finds wrong stands beside the field, and nothing is lost. */
export function ExperimentForm({ initial, catalogue }: { initial: Draft; catalogue: Catalogue }) {
  const form = useDraftForm({ initialValues: initial });
  const spec = useMemo(() => draftToSpec(form.values, catalogue), [form.values, catalogue]);
  const text = JSON.stringify(spec);
  const planned = usePlan(text);
  const start = useStart();
  const summary = useRef<HTMLDivElement>(null);
  const fields = listFields(form.values);

  const refusal = start.error instanceof ApiError ? start.error.details : [];
  const isPlanCurrent = planned?.text === text;
  const details = start.error && start.variables === text ? refusal : isPlanCurrent ? planned.details : null;
  const fieldsOf = useRef(fields);
  fieldsOf.current = fields;
  const { setErrors } = form;
  useEffect(() => {
    if (details === null) return;
    const placed = Object.entries(placeErrors(details, Object.keys(fieldsOf.current)));
    setErrors(
      Object.fromEntries(placed.map(([field, message]) => [fieldsOf.current[field] ?? field, message])),
    );
  }, [details, setErrors]);

  useEffect(() => {
    if (start.error) summary.current?.focus();
  }, [start.error]);

  const submit = (event: FormEvent) => {
    event.preventDefault();
    start.mutate(text);
  };
  const remaining = start.error ? placeErrors(details ?? planned?.details ?? [], Object.keys(fields)) : {};
  const showsSummary = start.error !== null && (Object.keys(remaining).length > 0 || refusal.length === 0);
  return (
    <DraftProvider form={form}>
      <form className={classes.layout} onSubmit={submit} noValidate aria-label="New experiment">
        <div className={classes.column}>
          {showsSummary && start.error && (
            <ErrorSummary ref={summary} message={describeError(start.error)} errors={remaining} />
          )}
          <DataSection catalogue={catalogue} />
          <NetworkSection catalogue={catalogue} weights={planned?.plan?.weights ?? null} />
          <OptimizerSection catalogue={catalogue} />
          <RegularizersSection catalogue={catalogue} />
          <TrainingSection catalogue={catalogue} />
          <NameSection />
        </div>
        <div className={classes.side}>
          <PlanPanel planned={planned} isSending={start.isPending} />
          <CodePanel spec={spec} />
        </div>
      </form>
    </DraftProvider>
  );
}
