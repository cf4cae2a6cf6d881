import type { Ref } from "react";
import { Notice } from "../shell/Notice";
import classes from "./form.module.css";

interface Props {
  ref: Ref<HTMLDivElement>;
  message: string;
  /** Messages by the id of their field; "" for none. */
  errors: Record<string, string>;
}

/** After a refused start: everything that is wrong, each leading to its field. */
export function ErrorSummary({ ref, message, errors }: Props) {
  return (
    <Notice ref={ref} title="The experiment was not started">
      {Object.keys(errors).length === 0 && message}
      <ul className={classes.summary}>
        {Object.entries(errors).map(([field, text]) => (
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
                {nameField(field)}: {text}
              </a>
            )}
          </li>
        ))}
      </ul>
    </Notice>
  );
}

/** `regularizers.0.strengths` as one would say it: Regularizers 1, strengths. */
function nameField(field: string): string {
  const words = field
    .split(".")
    .map((part) => (/^\d+$/.test(part) ? String(Number(part) + 1) : part.replaceAll("_", " ")));
  const text = words.join(", ").replace(/, (\d+)/g, " $1");
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function focusField(id: string): void {
  const element = document.getElementById(id);
  element?.closest("details")?.setAttribute("open", "");
  element?.scrollIntoView({ block: "center" });
  element?.focus({ preventScroll: true });
}
