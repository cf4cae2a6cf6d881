import { Title } from "@mantine/core";

export function SystemPage() {
  return <Title order={1}>System</Title>;
}
