import { Button, CopyButton } from "@mantine/core";
import { useState } from "react";
import { formatMoment, formatMomentInFull } from "../../text/times";
import classes from "../form/form.module.css";
import { useFormContext } from "../form/formContext";
import type { FormValues } from "../form/formValues";
import type { EditedText, FoundDraft } from "./savedDrafts";

interface Props {
  found: FoundDraft;
  template: FormValues;
  edited: EditedText | null;
  onEdited: (edited: EditedText | null) => void;
  onDrop: () => void;
}

/** Tells that a draft was restored, and offers to discard it or to bring it back. */
export function DraftNotice({ found, template, edited, onEdited, onDrop }: Props) {
  const form = useFormContext();
  const [aside, setAside] = useState<{ values: FormValues; edited: EditedText | null } | null>(null);
  const [isOver, setIsOver] = useState(false);
  const when = <Moment saved={found.saved} />;
  if (isOver) return null;
  if (found.draft === null)
    return (
      <Note
        text={<>A draft from {when} was made with another version of this form, and could not be restored.</>}
      >
        <CopyButton value={found.raw}>
          {({ copied, copy }) => <Quiet onClick={copy}>{copied ? "Copied" : "Copy what it held"}</Quiet>}
        </CopyButton>
        <Quiet
          onClick={() => {
            onDrop();
            setIsOver(true);
          }}
        >
          Forget it
        </Quiet>
      </Note>
    );
  const toggle = () => {
    if (aside === null) {
      setAside({ values: form.values, edited });
      form.setValues(template);
      onEdited(null);
    } else {
      form.setValues(aside.values);
      onEdited(aside.edited);
      setAside(null);
    }
    form.clearErrors();
  };
  return (
    <Note text={aside === null ? <>Draft restored from {when}.</> : <>Started over.</>}>
      <Quiet onClick={toggle}>{aside === null ? "Start over" : "Bring the draft back"}</Quiet>
    </Note>
  );
}

function Note({ text, children }: { text: React.ReactNode; children: React.ReactNode }) {
  return (
    <div className={classes.note}>
      <span role="status">{text}</span>
      {children}
    </div>
  );
}

function Quiet({ onClick, children }: { onClick: () => void; children: React.ReactNode }) {
  return (
    <Button variant="subtle" size="compact-sm" onClick={onClick}>
      {children}
    </Button>
  );
}

function Moment({ saved }: { saved: number }) {
  const date = new Date(saved);
  const words = formatMoment(date);
  return (
    <time dateTime={date.toISOString()} title={formatMomentInFull(date)}>
      {words === "just now" ? "a moment ago" : words}
    </time>
  );
}
