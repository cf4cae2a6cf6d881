import charts from "./charts/charts.module.css";
import controls from "./options/options.module.css";
import head from "./page/page.module.css";
import runs from "./runs/runs.module.css";

/** The classes of the experiment page; no two of its style sheets name the same. */
export const classes = { ...head, ...controls, ...charts, ...runs };
