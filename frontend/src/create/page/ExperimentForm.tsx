import { type FormEvent, useEffect, useMemo, useRef, useState } from "react";
import { ApiError, describeError } from "../../api/client";
import { DraftNote } from "../drafts/DraftNotice";
import type { EditedText, Found } from "../drafts/savedDrafts";
import { useKeptDraft } from "../drafts/useSavedDraft";
import { placeDetails, placeErrors } from "../form/fieldErrors";
import classes from "../form/form.module.css";
import { DraftProvider, listFields, useDraftForm } from "../form/formContext";
import type { Catalogue, Draft } from "../form/formValues";
import { followSource } from "../form/prefilledTexts";
import { draftToSpec } from "../form/toSpec";
import { RegularizersSection } from "../regularizers/RegularizersSection";
import { DataSection } from "../sections/DataSection";
import { NameSection } from "../sections/NameSection";
import { NetworkSection } from "../sections/NetworkSection";
import { OptimizerSection } from "../sections/OptimizerSection";
import { TrainingSection } from "../sections/TrainingSection";
import { CodePanel } from "../spec/CodePanel";
import { ErrorSummary } from "./ErrorSummary";
import { PlanPanel } from "./PlanPanel";
import { useStart } from "./useCreateExperiment";
import { usePlan } from "./usePlan";

interface Props {
  /** What the form is filled from: the demonstration, nothing, or the id of an earlier experiment. */
  kind: string;
  source: Draft;
  /** What an earlier visit left. */
  found: Found | null;
  catalogue: Catalogue;
}

/** The form itself. The API judges every change; what it finds wrong stands beside the field, and nothing is lost. */
export function ExperimentForm({ kind, source, found, catalogue }: Props) {
  const form = useDraftForm({ initialValues: found?.draft ?? source });
  const [edited, setEdited] = useState<EditedText | null>(found?.edited ?? null);
  const dropDraft = useKeptDraft(kind, source, found, { values: form.values, edited });
  const spec = useMemo(() => draftToSpec(form.values, catalogue), [form.values, catalogue]);
  const text = JSON.stringify(spec);
  const planned = usePlan(text);
  const latest = useRef(text);
  latest.current = text;
  // What was typed after it was sent is a draft of the next one.
  const start = useStart((sent) => {
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
    const change = followSource(form.values, source, kind);
    if (Object.keys(change).length > 0) setValues(change);
  }, [form.values, source, kind, setValues]);
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
    <DraftProvider form={form}>
      <form className={classes.layout} onSubmit={submit} noValidate aria-label="New experiment">
        <div className={classes.column}>
          {found && (
            <DraftNote
              found={found}
              source={source}
              edited={edited}
              onEdited={setEdited}
              onDrop={dropDraft}
            />
          )}
          {showsSummary && start.error && (
            <ErrorSummary ref={summary} message={describeError(start.error)} errors={remaining} />
          )}
          <DataSection catalogue={catalogue} />
          <NetworkSection catalogue={catalogue} weights={planned?.plan?.weights ?? null} />
          <OptimizerSection catalogue={catalogue} />
          <RegularizersSection catalogue={catalogue} />
          <TrainingSection catalogue={catalogue} />
          <NameSection source={source} />
        </div>
        <div className={classes.side}>
          <PlanPanel planned={planned} isSending={start.isPending} isWaiting={edited !== null} />
          <CodePanel
            spec={spec}
            draft={form.values}
            catalogue={catalogue}
            edited={edited}
            onEdited={setEdited}
            onApply={(draft) => {
              form.clearErrors();
              form.setValues(draft);
            }}
          />
        </div>
      </form>
    </DraftProvider>
  );
}
