import { Alert } from "@mantine/core";
import type { Ref } from "react";
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
    <Alert color="red" ref={ref} tabIndex={-1} role="alert" title="The experiment was not started">
      <p className={classes.summaryMessage}>{message}</p>
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
                {text}
              </a>
            )}
          </li>
        ))}
      </ul>
    </Alert>
  );
}

function focusField(id: string): void {
  const element = document.getElementById(id);
  element?.closest("details")?.setAttribute("open", "");
  element?.scrollIntoView({ block: "center" });
  element?.focus({ preventScroll: true });
}
