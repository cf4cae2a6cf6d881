import { Stack, Text, Title } from "@mantine/core";
import { LinkButton } from "./LinkButton";

interface Props {
  title?: string;
  reason?: string;
}

export function NotFound({
  title = "There is no such page",
  reason = "The address may be mistyped, or the experiment may have been deleted.",
}: Props) {
  return (
    <Stack align="flex-start" gap="sm" py="xl">
      <Title order={1}>{title}</Title>
      <Text c="dimmed">{reason}</Text>
      <LinkButton to="/">See all experiments</LinkButton>
    </Stack>
  );
}
