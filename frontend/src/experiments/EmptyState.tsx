import { Button, Group, Text, Title } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { api, describeError, unwrap } from "../api/client";
import { readDemonstration, readExperiment } from "../api/queries";
import { useCanChange } from "../api/session";
import { LinkButton } from "../shell/LinkButton";
import { Notice } from "../shell/Notice";
import { GRADIENT } from "../theme/colourScale";
import classes from "./list.module.css";

/** Shown without any experiment: explains what one is and offers the demonstration. */
export function EmptyState() {
  const navigate = useNavigate();
  const canChange = useCanChange();
  const queryClient = useQueryClient();
  const start = useMutation({
    mutationFn: async () => {
      const spec = await queryClient.ensureQueryData(readDemonstration());
      return unwrap(api.POST("/api/experiments", { body: spec }));
    },
    onSuccess: (experiment) => {
      queryClient.setQueryData(readExperiment(experiment.id).queryKey, experiment);
      return navigate({ to: "/experiments/$id", params: { id: String(experiment.id) } });
    },
  });
  return (
    <div className={`rl-surface ${classes.empty}`}>
      <div className={classes.emptyScale} style={{ background: GRADIENT }} aria-hidden />
      <Title order={2}>No experiments yet</Title>
      <Text c="dimmed" maw={560}>
        An experiment trains one network many times: with each regularizer that you choose, at each strength
        λ, with several seeds. While it trains, the curves are laid over each other, coloured by λ.
      </Text>
      <Text c="dimmed" maw={560}>
        The demonstration learns 400 handwritten digits by heart, 40 % of their labels redrawn, and shows what
        L1, L2, dropout and input noise do about it.
      </Text>
      {canChange && (
        <Group mt="xs">
          <Button onClick={() => start.mutate()} loading={start.isPending}>
            Start the demonstration
          </Button>
          <LinkButton to="/new" variant="default">
            Set up your own
          </LinkButton>
        </Group>
      )}
      {start.error && <Notice title="That did not work">{describeError(start.error)}</Notice>}
    </div>
  );
}
