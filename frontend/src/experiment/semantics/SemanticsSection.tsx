import { lazy, Suspense, useState } from "react";
import shared from "../shared.module.css";
import type { Experiment } from "../types";
import classes from "./semantics.module.css";

const SemanticsCards = lazy(() => import("./SemanticsCards"));

/** What each regularizer of the experiment means exactly, and its runs as scripts. Read once it is opened. */
export function SemanticsSection({ experiment }: { experiment: Experiment }) {
  const [wasOpened, setWasOpened] = useState(false);
  return (
    <section className={shared.section} aria-labelledby="semantics-title">
      {experiment.proof && <p className={classes.proof}>{experiment.proof}</p>}
      <details onToggle={(event) => event.currentTarget.open && setWasOpened(true)}>
        <summary className={classes.summary}>
          <h2 id="semantics-title">What was trained, exactly</h2>
          <span className={shared.count}>
            The objectives, their equivalents elsewhere, and every run as a script
          </span>
        </summary>

        {wasOpened && (
          <Suspense fallback={<p className={shared.count}>Loading the definitions</p>}>
            <SemanticsCards experiment={experiment} />
          </Suspense>
        )}
      </details>
    </section>
  );
}
