import { Title } from "@mantine/core";

export function FormPage() {
  return <Title order={1}>New experiment</Title>;
}
