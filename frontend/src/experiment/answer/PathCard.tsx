import { countNoun } from "../../text/numbers";
import { ChartCard } from "../charts/ChartCard";
import type { FigureMeta } from "../types";
import classes from "./path.module.css";
import { PathChart } from "./pathChart";
import { type StrengthCardProps, useStrengthChart } from "./useStrengthChart";

/** One regularization path, and how many coefficients are 0 at which strength. */
export function PathCard({ column, ...props }: StrengthCardProps) {
  const { host, isDrawn } = useStrengthChart(PathChart, props);
  const { figure, height, scale } = props.options;
  const { meta } = figure.layout;
  return (
    <ChartCard
      {...{ meta, column, host, isDrawn, height }}
      hostAttribute={{ "data-path": true }}
      aside={<Legend strong={meta.strong ?? 0} />}
      empty={meta.shown === 0 ? "No coefficient is known" : undefined}
      captionClass={classes.zeros}
    >
      {describeZeros(meta, scale?.symbol ?? "")}
      {(meta.outside ?? 0) > 0 && ` ${countNoun(meta.outside ?? 0, "coefficient")} outside: not finite.`}
    </ChartCard>
  );
}

/** What the grey lines are, where there are some; the others are named at their ends. */
function Legend({ strong }: { strong: number }) {
  if (strong === 0) return null;
  return (
    <span className={classes.legend} aria-hidden="true">
      <i /> all but the {strong} largest
    </span>
  );
}

/** `Exactly 0 of 10: 0 at λ = 10⁻³, 3 at 10⁻², 8 at 0.1`. */
function describeZeros(meta: FigureMeta, symbol: string): string {
  const [first, ...rest] = meta.zeros ?? [];
  if (first === undefined) return "";
  if ([first, ...rest].every(({ zeros }) => zeros === 0)) return "No coefficient is exactly 0.";
  const counts = [`${first.zeros} at ${symbol} = ${first.label}`];
  return `Exactly 0 of ${first.total}: ${[...counts, ...rest.map(({ label, zeros }) => `${zeros} at ${label}`)].join(", ")}`;
}
