import { useParams } from "@tanstack/react-router";
import { useCallback, useState } from "react";
import { NotFound } from "../shell/NotFound";
import { Again } from "./again";
import { ExperimentView } from "./ExperimentView";

export function ExperimentPage() {
  const { id } = useParams({ from: "/experiments/$id" });
  const number = /^\d{1,10}$/.test(id) ? Number(id) : 0;
  const [turn, setTurn] = useState(0);
  const begin = useCallback(() => setTurn((before) => before + 1), []);
  if (number === 0) return <NotFound />;
  return (
    <Again value={begin}>
      <ExperimentView key={`${number}-${turn}`} id={number} />
    </Again>
  );
}
