import { IconPencil } from "@tabler/icons-react";
import { type ReactNode, useEffect, useRef } from "react";
import { TEXT } from "../../../api/fieldEdits";
import type { Experiment } from "../../types";
import classes from "../page.module.css";
import { UnsavedEditNotice } from "./UnsavedEditNotice";
import { useFieldEdit } from "./useFieldEdit";

interface Props {
  experiment: Experiment;
  field: "name" | "notes";
  placeholder: string;
  maxLength: number;
  isLong?: boolean;
  className?: string;
  isReadOnly?: boolean;
  /** Wraps the text, for example in a heading. */
  wrap?: (line: ReactNode) => ReactNode;
}

/** Text that is edited in place: Enter or leaving the field saves, Escape cancels. */
export function EditableText({ experiment, field, wrap = (line) => line, ...rest }: Props) {
  const { placeholder, maxLength, isLong, className, isReadOnly } = rest;
  const edit = useFieldEdit(experiment, field, TEXT);
  const { open, isSaving } = edit;
  const value = experiment[field];
  const input = useRef<HTMLInputElement & HTMLTextAreaElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  // A field opened by the reader takes the focus and returns it when it closes.
  const hasFocus = useRef(false);
  const isOpen = open !== null;
  useEffect(() => {
    if (!hasFocus.current) return;
    if (isOpen) input.current?.select();
    else button.current?.focus();
    hasFocus.current = isOpen;
  }, [isOpen]);
  if (isReadOnly)
    return wrap(
      <span className={`${classes.text} ${className ?? ""}`} dir="auto">
        {value || (isLong ? "" : placeholder)}
      </span>,
    );
  const start = () => {
    hasFocus.current = true;
    edit.begin();
  };
  if (open === null)
    return wrap(
      <button
        ref={button}
        type="button"
        className={`${classes.editable} ${className ?? ""}`}
        data-empty={value === "" || undefined}
        onClick={start}
        aria-label={value === "" ? `Add ${field}` : `${value}, edit ${field}`}
        dir="auto"
      >
        {value || placeholder}
        <IconPencil size={15} stroke={1.7} aria-hidden="true" />
      </button>,
    );
  const leave = (event: React.FocusEvent) => {
    if (event.currentTarget.contains(event.relatedTarget)) return;
    hasFocus.current = false;
    // A failed or conflicting edit waits for the reader's choice.
    if (open.status === "typing") edit.finish();
  };
  const Field = isLong ? "textarea" : "input";
  return (
    <fieldset className={classes.editor} data-long={isLong || undefined} onBlur={leave}>
      {wrap(
        <Field
          ref={input}
          className={`${classes.field} ${className ?? ""}`}
          value={open.value}
          maxLength={maxLength}
          aria-label={field}
          aria-busy={isSaving || undefined}
          dir="auto"
          rows={isLong ? 4 : undefined}
          onChange={(event: React.ChangeEvent<HTMLInputElement & HTMLTextAreaElement>) =>
            edit.write(event.target.value)
          }
          onKeyDown={(event: React.KeyboardEvent) => {
            if (event.nativeEvent.isComposing) return;
            if (event.key === "Escape") edit.discard();
            if (event.key === "Enter" && (!isLong || event.ctrlKey || event.metaKey)) {
              if (open.status !== "conflict") edit.finish();
            }
          }}
        />,
      )}
      <UnsavedEditNotice edit={edit} noun={field} write={(text) => text} />
    </fieldset>
  );
}
