import { Button, Code, Group, Stack, Text, Title } from "@mantine/core";
import type { ErrorComponentProps } from "@tanstack/react-router";

/** Shown in place of a page that threw while rendering. */
export function ErrorFallback({ error, reset }: ErrorComponentProps) {
  return (
    <Stack align="flex-start" gap="sm" py="xl" role="alert">
      <Title order={1}>This page could not be drawn</Title>
      <Text>Nothing on the server is lost, and what runs goes on running.</Text>
      <Code block>{error instanceof Error ? error.message : String(error)}</Code>
      <Group>
        <Button onClick={reset}>Try again</Button>
        <Button variant="default" onClick={() => window.location.reload()}>
          Load the page anew
        </Button>
      </Group>
    </Stack>
  );
}
