import { Button, Group } from "@mantine/core";
import { describeError } from "../../../api/client";
import classes from "../page.module.css";
import type { FieldEdit } from "./useFieldEdit";

interface Props<Value> {
  edit: FieldEdit<Value>;
  /** The field's name: "name", "notes". */
  noun: string;
  /** A value as text. */
  write: (value: Value) => string;
}

/** Why an edit is not saved; for a conflict, both versions and the choice between them. */
export function UnsavedEditNotice<Value>({ edit, noun, write }: Props<Value>) {
  const { open, isSaving, save, discard, keepMine } = edit;
  if (open === null || open.status === "typing") return null;
  const { status, error, theirs } = open;
  if (status === "conflict" && theirs !== undefined)
    return (
      <div role="alert" className={classes.unsaved}>
        <p>Not saved: somebody else has changed the {noun} meanwhile. Theirs:</p>
        <blockquote className={classes.theirs} dir="auto">
          {write(theirs.value) || "(empty)"}
        </blockquote>
        <p>Yours stands in the field.</p>
        <Choice act={keepMine} label="Keep mine" isBusy={isSaving} giveUp={discard} other="Take theirs" />
      </div>
    );
  return (
    <div role={status === "failed" ? "alert" : "status"} className={classes.unsaved}>
      <p>
        {status === "failed"
          ? `Not saved: ${describeError(error)}`
          : "Not saved yet. It was typed before the page was loaded."}
      </p>
      <Choice
        act={save}
        label={status === "failed" ? "Try again" : "Save"}
        isBusy={isSaving}
        giveUp={discard}
        other="Discard"
      />
    </div>
  );
}

interface ChoiceProps {
  act: () => void;
  label: string;
  isBusy: boolean;
  giveUp: () => void;
  other: string;
}

function Choice({ act, label, isBusy, giveUp, other }: ChoiceProps) {
  // Keeps the focus in the field, because leaving it saves.
  const stay = (event: React.MouseEvent) => event.preventDefault();
  return (
    <Group gap={6}>
      <Button size="compact-xs" loading={isBusy} onMouseDown={stay} onClick={act}>
        {label}
      </Button>
      <Button size="compact-xs" variant="default" disabled={isBusy} onMouseDown={stay} onClick={giveUp}>
        {other}
      </Button>
    </Group>
  );
}
