import { type FormEvent, useEffect, useMemo, useRef, useState } from "react";
import { ApiError, describeError } from "../../api/client";
import { placeDetails, placeErrors } from "../../api/fieldErrors";
import { DraftNotice } from "../drafts/DraftNotice";
import type { EditedText, FoundDraft } from "../drafts/savedDrafts";
import { useSavedDraft } from "../drafts/useSavedDraft";
import classes from "../form/form.module.css";
import { FormProvider, listFields, useExperimentForm } from "../form/formContext";
import type { Catalogue, FormValues } from "../form/formValues";
import { updatePrefilled } from "../form/prefilledTexts";
import { toSpec } from "../form/toSpec";
import { RegularizersSection } from "../regularizers/RegularizersSection";
import { DataSection } from "../sections/DataSection";
import { NameSection } from "../sections/NameSection";
import { NetworkSection } from "../sections/NetworkSection";
import { OptimizerSection } from "../sections/OptimizerSection";
import { TrainingSection } from "../sections/TrainingSection";
import { CodePanel } from "../spec/CodePanel";
import { ErrorSummary } from "./ErrorSummary";
import { PlanPanel } from "./PlanPanel";
import { useCreateExperiment } from "./useCreateExperiment";
import { usePlan } from "./usePlan";

interface Props {
  /** The template: `demonstration`, `empty`, or the id of an earlier experiment. */
  kind: string;
  template: FormValues;
  /** A draft from an earlier visit. */
  found: FoundDraft | null;
  catalogue: Catalogue;
}

/** The form. The API validates every change, and its errors are shown at their fields. */
export function ExperimentForm({ kind, template, found, catalogue }: Props) {
  const form = useExperimentForm({ initialValues: found?.draft ?? template });
  const [edited, setEdited] = useState<EditedText | null>(found?.edited ?? null);
  const dropDraft = useSavedDraft(kind, template, found, { values: form.values, edited });
  const spec = useMemo(() => toSpec(form.values, catalogue), [form.values, catalogue]);
  const text = JSON.stringify(spec);
  const planned = usePlan(text);
  const latest = useRef(text);
  latest.current = text;
  // Changes made after sending remain as a draft.
  const start = useCreateExperiment((sent) => {
    if (sent === latest.current) dropDraft();
  });
  const summary = useRef<HTMLDivElement>(null);
  const fields = listFields(form.values);

  const refusal = start.error instanceof ApiError ? start.error.details : [];
  const isPlanCurrent = planned?.text === text;
  const details = start.error && start.variables === text ? refusal : isPlanCurrent ? planned.details : null;
  const fieldsOf = useRef(fields);
  fieldsOf.current = fields;
  const { setErrors, setValues } = form;
  useEffect(() => {
    const change = updatePrefilled(form.values, template, kind);
    if (Object.keys(change).length > 0) setValues(change);
  }, [form.values, template, kind, setValues]);
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
    if (edited === null) start.mutate(text);
  };
  const remaining = start.error ? placeDetails(details ?? planned?.details ?? [], Object.keys(fields)) : {};
  const showsSummary = start.error !== null && (Object.keys(remaining).length > 0 || refusal.length === 0);
  return (
    <FormProvider form={form}>
      <form className={classes.layout} onSubmit={submit} noValidate aria-label="New experiment">
        <div className={classes.column}>
          {found && (
            <DraftNotice
              found={found}
              template={template}
              edited={edited}
              onEdited={setEdited}
              onDrop={dropDraft}
            />
          )}
          {showsSummary && start.error && (
            <ErrorSummary ref={summary} message={describeError(start.error)} errors={remaining} />
          )}
          <DataSection catalogue={catalogue} />
          <NetworkSection catalogue={catalogue} weights={planned?.data?.weights ?? null} />
          <OptimizerSection catalogue={catalogue} />
          <RegularizersSection catalogue={catalogue} />
          <TrainingSection catalogue={catalogue} />
          <NameSection template={template} />
        </div>
        <div className={classes.side}>
          <PlanPanel planned={planned} isSending={start.isPending} isWaiting={edited !== null} />
          <CodePanel
            spec={spec}
            values={form.values}
            catalogue={catalogue}
            edited={edited}
            onEdited={setEdited}
            onApply={(values) => {
              form.clearErrors();
              form.setValues(values);
            }}
          />
        </div>
      </form>
    </FormProvider>
  );
}
