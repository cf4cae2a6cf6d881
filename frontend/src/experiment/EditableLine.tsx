import { IconPencil } from "@tabler/icons-react";
import { useEffect, useRef, useState } from "react";
import { classes } from "./classes";

interface Props {
  value: string;
  placeholder: string;
  /** What is edited, for a screen reader: "name", "notes". */
  noun: string;
  maxLength: number;
  isLong?: boolean;
  onSave: (value: string) => void;
  className?: string;
  isReadOnly?: boolean;
}

/** Text that becomes a field where it stands. Enter or leaving saves, Escape gives up. */
export function EditableLine({
  value,
  placeholder,
  noun,
  maxLength,
  isLong,
  onSave,
  className,
  isReadOnly,
}: Props) {
  const [draft, setDraft] = useState<string | null>(null);
  const field = useRef<HTMLInputElement & HTMLTextAreaElement>(null);
  const isOpen = draft !== null;
  useEffect(() => {
    if (isOpen) field.current?.select();
  }, [isOpen]);
  if (isReadOnly)
    return (
      <span className={`${classes.text} ${className ?? ""}`} dir="auto">
        {value || (isLong ? "" : placeholder)}
      </span>
    );
  if (draft === null)
    return (
      <button
        type="button"
        className={`${classes.editable} ${className ?? ""}`}
        data-empty={value === "" || undefined}
        onClick={() => setDraft(value)}
        aria-label={value === "" ? `Add ${noun}` : `${value}, edit ${noun}`}
        dir="auto"
      >
        {value || placeholder}
        <IconPencil size={15} stroke={1.7} aria-hidden="true" />
      </button>
    );
  const finish = (save: boolean) => {
    setDraft(null);
    if (save && draft.trim() !== value) onSave(draft.trim());
  };
  const Field = isLong ? "textarea" : "input";
  return (
    <Field
      ref={field}
      className={`${classes.field} ${className ?? ""}`}
      value={draft}
      maxLength={maxLength}
      aria-label={noun}
      dir="auto"
      rows={isLong ? 4 : undefined}
      onChange={(event: React.ChangeEvent<HTMLInputElement & HTMLTextAreaElement>) =>
        setDraft(event.target.value)
      }
      onBlur={() => finish(true)}
      onKeyDown={(event: React.KeyboardEvent) => {
        if (event.key === "Escape") finish(false);
        if (event.key === "Enter" && (!isLong || event.ctrlKey || event.metaKey)) finish(true);
      }}
    />
  );
}
