import { useMemo } from "react";
import type { Schemas } from "../api/client";
import { useStrengthChart } from "../experiment/answer/useStrengthChart";
import { CardGrid } from "../experiment/charts/CardGrid";
import { ChartCard } from "../experiment/charts/ChartCard";
import type { ChartProps } from "../experiment/charts/chartProps";
import charts from "../experiment/charts/charts.module.css";
import { LiveFigure } from "../experiment/live/liveFigure";
import shared from "../experiment/shared.module.css";
import type { ColourScale } from "../experiment/types";
import classes from "./compare.module.css";
import { PathsChart } from "./pathsChart";

interface Props extends ChartProps {
  figures: Schemas["ComparisonFigures"];
}

const METRICS = ["validation_score", "validation_loss"];

/** The final validation score and loss over the strength: a pair of charts per regularizer. */
export function PathsSection({ figures, ...chartProps }: Props) {
  return (
    <section className={shared.section} aria-labelledby="paths-title">
      <h2 id="paths-title">Over the strength</h2>
      <p className={classes.note}>
        A line per experiment, by dash and symbol as above; the colour is the strength. Bars are one standard
        error over the seeds, per strength, not adjusted for how many there are.
      </p>
      <CardGrid columns={2}>
        {figures.columns.flatMap(({ regularizer, scale, figures: own }) =>
          METRICS.map((metric) => (
            <PathsCard
              key={`${regularizer} ${metric}`}
              figure={own[metric]}
              {...{ regularizer, scale }}
              {...chartProps}
            />
          )),
        )}
      </CardGrid>
    </section>
  );
}

interface CardProps extends ChartProps {
  figure: Schemas["PlotlyFigure"] | undefined;
  regularizer: string;
  scale: ColourScale | null;
}

function PathsCard({ figure, ...rest }: CardProps) {
  const live = useMemo(() => (figure === undefined ? null : new LiveFigure(figure)), [figure]);
  return live === null ? null : <DrawnCard figure={live} {...rest} />;
}

type DrawnProps = Omit<CardProps, "figure"> & { figure: LiveFigure };

function DrawnCard({ figure, regularizer, scale, theme, interaction, tooltip, height }: DrawnProps) {
  const options = useMemo(
    () => ({ figure, regularizer, scale, theme, height }),
    [figure, regularizer, scale, theme, height],
  );
  const { host, isDrawn } = useStrengthChart(PathsChart, { options, interaction, tooltip });
  const { meta } = figure.layout;
  return (
    <ChartCard
      {...{ meta, host, isDrawn, height }}
      column={null}
      hostAttribute={{ "data-paths": true }}
      empty={meta.shown === 0 ? "No run has a value" : undefined}
      captionClass={charts.caption}
    >
      {meta.errors && <span>bars: one standard error</span>}
    </ChartCard>
  );
}
