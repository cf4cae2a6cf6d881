import { Title } from "@mantine/core";
import { useParams } from "@tanstack/react-router";

export function ExperimentPage() {
  const { id } = useParams({ from: "/experiments/$id" });
  return <Title order={1}>Experiment {id}</Title>;
}
