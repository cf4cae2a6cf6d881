import { Title } from "@mantine/core";
import { type ReactNode, useEffect, useId, useState } from "react";
import classes from "./form.module.css";

interface Props {
  title: string;
  aside?: ReactNode;
  children: ReactNode;
}

export function FormSection({ title, aside, children }: Props) {
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

/** Options that most people leave alone; opens by itself where one of them is wrong or is not at its default. */
export function MoreOptions({
  label,
  hasError,
  hasChanges = false,
  children,
}: {
  label: string;
  hasError: boolean;
  hasChanges?: boolean;
  children: ReactNode;
}) {
  // What was opened, by the reader or by an error, stays open: a field must not vanish while it is corrected.
  const [isOpen, setIsOpen] = useState(hasChanges);
  useEffect(() => {
    if (hasError) setIsOpen(true);
  }, [hasError]);
  return (
    <details className={classes.more} open={isOpen} onToggle={(event) => setIsOpen(event.currentTarget.open)}>
      <summary>{label}</summary>
      <div className={classes.moreBody}>{children}</div>
    </details>
  );
}
