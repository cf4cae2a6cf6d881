import { Button } from "@mantine/core";
import { MOST_COMPARED, writeIds } from "../compare/search";
import { LinkButton } from "../shell/LinkButton";
import type { Choice } from "./choice";
import classes from "./list.module.css";

/** How many experiments are chosen, and the way to their comparison. */
export function CompareBar({ choice }: { choice: Choice }) {
  const { ids, clear } = choice;
  if (ids.length === 0) return null;
  const isPossible = ids.length >= 2 && ids.length <= MOST_COMPARED;
  return (
    <section className={classes.compareBar} aria-label="Compare">
      <span role="status">
        {ids.length} chosen
        {ids.length < 2 && ": choose another one to compare it with"}
        {ids.length > MOST_COMPARED && ": six at most can be compared"}
      </span>
      <span className={classes.compareActions}>
        <Button size="sm" variant="default" onClick={clear}>
          Choose none
        </Button>
        {isPossible ? (
          <LinkButton size="sm" to="/compare" search={{ ids: writeIds(ids) }}>
            Compare {ids.length}
          </LinkButton>
        ) : (
          <Button size="sm" disabled>
            Compare
          </Button>
        )}
      </span>
    </section>
  );
}
