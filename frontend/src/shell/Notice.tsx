import type { ReactNode, Ref } from "react";
import classes from "./shell.module.css";

interface Props {
  title: string;
  children?: ReactNode;
  ref?: Ref<HTMLDivElement>;
}

/** Something went wrong: what, and what to do. Read out at once, and able to take the focus. */
export function Notice({ title, children, ref }: Props) {
  return (
    <div ref={ref} role="alert" tabIndex={-1} className={classes.notice}>
      <strong>{title}</strong>
      {children}
    </div>
  );
}
