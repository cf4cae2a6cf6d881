import type { Ref } from "react";
import { type FieldErrors, introduce } from "../../api/fieldErrors";
import { Notice } from "../../shell/Notice";
import classes from "../form/form.module.css";

interface Props {
  ref: Ref<HTMLDivElement>;
  message: string;
  /** By the id of the field; "" for errors of no field. */
  errors: FieldErrors;
}

/** The errors of a refused submission, with links to their fields. */
export function ErrorSummary({ ref, message, errors }: Props) {
  return (
    <Notice ref={ref} title="The experiment was not started">
      {Object.keys(errors).length === 0 && message}
      <ul className={classes.summary}>
        {Object.entries(errors).map(([field, { label, message: text }]) => (
          <li key={field}>
            {field === "" ? (
              text
            ) : (
              <a
                href={`#${field}`}
                onClick={(event) => {
                  event.preventDefault();
                  focusField(field);
                }}
              >
                {label ? introduce(label, text) : text}
              </a>
            )}
          </li>
        ))}
      </ul>
    </Notice>
  );
}

function focusField(id: string): void {
  const element = document.getElementById(id);
  element?.closest("details")?.setAttribute("open", "");
  element?.scrollIntoView({ block: "center" });
  element?.focus({ preventScroll: true });
}
