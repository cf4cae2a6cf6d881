import { Title } from "@mantine/core";

export function ListPage() {
  return <Title order={1}>Experiments</Title>;
}
