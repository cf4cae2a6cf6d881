import { useParams } from "@tanstack/react-router";
import { NotFound } from "../../shell/NotFound";
import { ExperimentView } from "./ExperimentView";

export function ExperimentPage() {
  const { id } = useParams({ from: "/experiments/$id" });
  const number = /^\d{1,10}$/.test(id) ? Number(id) : 0;
  if (number === 0) return <NotFound />;
  return <ExperimentView key={number} id={number} />;
}
