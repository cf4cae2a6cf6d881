import { useMemo } from "react";
import { CardGrid } from "../charts/CardGrid";
import type { ChartProps } from "../charts/chartProps";
import type { FigureColumn } from "../live/figureSet";
import type { ClaimMeta } from "../types";
import { ClaimFigure } from "./ClaimFigure";
import classes from "./claims.module.css";

/** The verdicts, as words. */
const WORDS: Record<ClaimMeta["word"], string> = {
  holds: "Holds",
  reverse: "The reverse holds",
  mixed: "Mixed",
  not_shown: "Not shown",
  not_judged: "Not judged",
};

const HEIGHT = 136;

interface Props extends ChartProps {
  metric: string;
  columns: readonly FigureColumn[];
  revision: number;
}

/** One claim: its number over the strength, and the verdict with its own numbers; a column per regularizer. */
export function ClaimRow({ metric, columns, revision, theme, interaction, tooltip }: Props) {
  const cells = useMemo(
    () =>
      columns.flatMap(({ regularizer, label, scale, figures }) => {
        const figure = figures[metric];
        if (figure?.layout.meta.claim === undefined) return [];
        // The revision makes charts draw anew.
        const options = { figure, revision, regularizer, scale, theme, height: HEIGHT };
        return [{ regularizer, label, options, meta: figure.layout.meta, claim: figure.layout.meta.claim }];
      }),
    [metric, columns, revision, theme],
  );
  const first = cells[0];
  if (first === undefined) return null;
  const several = columns.length > 1;
  const head = (
    <>
      <h3>{first.claim.title}</h3>
      <p className={classes.number}>{first.meta.title}</p>
    </>
  );
  return (
    <li className={classes.claim} data-claim={metric}>
      {several && head}
      <CardGrid columns={cells.length}>
        {cells.map(({ regularizer, label, options, claim }) => (
          <div key={regularizer} className={classes.cell} data-several={several || undefined}>
            <div className={classes.verdict}>
              {!several && head}
              {several && <span className={classes.label}>{label}</span>}
              <Verdict claim={claim} />
            </div>
            <ClaimFigure {...{ options, interaction, tooltip }} column={several ? label : null} />
          </div>
        ))}
      </CardGrid>
    </li>
  );
}

/** The verdict's sentence, which begins with its word. */
function Verdict({ claim: { word, sentence } }: { claim: ClaimMeta }) {
  const head = WORDS[word];
  return (
    <p>
      <strong className={classes.word} data-word={word}>
        {head}
      </strong>
      {sentence.startsWith(head) ? sentence.slice(head.length) : ` ${sentence}`}
    </p>
  );
}
