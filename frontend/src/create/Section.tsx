import { Title } from "@mantine/core";
import { type ReactNode, useId } from "react";
import classes from "./form.module.css";

interface Props {
  title: string;
  aside?: ReactNode;
  children: ReactNode;
}

export function Section({ title, aside, children }: Props) {
  const id = useId();
  return (
    <section className={`rl-surface ${classes.section}`} aria-labelledby={id}>
      <div className={classes.sectionHead}>
        <Title order={2} size={18} id={id}>
          {title}
        </Title>
        {aside && <span className={classes.aside}>{aside}</span>}
      </div>
      {children}
    </section>
  );
}

/** Options that most people leave alone; opens by itself where one of them is wrong. */
export function More({
  label,
  hasError,
  children,
}: {
  label: string;
  hasError: boolean;
  children: ReactNode;
}) {
  return (
    <details className={classes.more} open={hasError || undefined}>
      <summary>{label}</summary>
      <div className={classes.moreBody}>{children}</div>
    </details>
  );
}
