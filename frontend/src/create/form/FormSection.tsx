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

/** Rarely used options; opens by itself if one has an error or is not at its default. */
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
  // Stays open once opened, so that a field does not disappear while its error is corrected.
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
