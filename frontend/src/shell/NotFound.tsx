import { Stack, Text, Title } from "@mantine/core";
import { LinkButton } from "./LinkButton";

export function NotFound() {
  return (
    <Stack align="flex-start" gap="sm" py="xl">
      <Title order={1}>There is no such page</Title>
      <Text c="dimmed">The address may be mistyped, or the experiment may have been deleted.</Text>
      <LinkButton to="/">See all experiments</LinkButton>
    </Stack>
  );
}
