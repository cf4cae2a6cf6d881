import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { listExperiments } from "../../api/queries";
import classes from "../form/form.module.css";
import type { FormSearch } from "./search";

/** The choice of the template: the demonstration, nothing, or one of the latest experiments. */
export function TemplatePicker({ from }: { from: FormSearch["from"] }) {
  const navigate = useNavigate();
  const { data } = useQuery({ ...listExperiments({}), refetchInterval: false });
  const items = data?.items ?? [];
  const isListed = items.some((item) => item.id === from);
  return (
    <nav aria-label="Start from" className={classes.sources}>
      <span>Start from</span>
      <Link to="/new" search={{}} aria-current={from === undefined || undefined}>
        the demonstration
      </Link>
      <Link to="/new" search={{ from: "empty" }} aria-current={from === "empty" || undefined}>
        nothing
      </Link>
      {(items.length > 0 || typeof from === "number") && (
        <select
          aria-label="Start from an earlier experiment"
          data-chosen={typeof from === "number" || undefined}
          value={typeof from === "number" ? from : ""}
          onChange={(event) => void navigate({ to: "/new", search: { from: Number(event.target.value) } })}
        >
          <option value="" disabled>
            an earlier experiment
          </option>
          {typeof from === "number" && !isListed && <option value={from}>experiment {from}</option>}
          {items.map((item) => (
            <option key={item.id} value={item.id}>
              {item.name || `Experiment ${item.id}`}
            </option>
          ))}
        </select>
      )}
    </nav>
  );
}
