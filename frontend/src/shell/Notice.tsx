import type { ReactNode, Ref } from "react";
import classes from "./shell.module.css";

interface Props {
  title: string;
  children?: ReactNode;
  ref?: Ref<HTMLDivElement>;
}

/** An error message: announced by screen readers, and focusable. */
export function Notice({ title, children, ref }: Props) {
  return (
    <div ref={ref} role="alert" tabIndex={-1} className={classes.notice}>
      <strong>{title}</strong>
      {children}
    </div>
  );
}
