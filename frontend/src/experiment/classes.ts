import charts from "./charts.module.css";
import controls from "./controls.module.css";
import head from "./head.module.css";
import runs from "./runs.module.css";

/** The classes of the experiment page; no two of its style sheets name the same. */
export const classes = { ...head, ...controls, ...charts, ...runs };
