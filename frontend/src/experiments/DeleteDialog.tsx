import { Button, Group, Modal, Stack, Text } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { sendAction } from "../api/actions";
import { ApiError, api, describeError, type Schemas, unwrap } from "../api/client";
import { type Annotations, findCurrent, matchVersion } from "../api/fieldEdits";
import { forgetExperiment, isActive } from "../api/queries";
import { EXPERIMENTS_KEY } from "../api/queryKeys";
import { Notice } from "../shell/Notice";

interface Props {
  experiment: Pick<Schemas["ExperimentSummary"], "id" | "name" | "state" | "version">;
  onClose: () => void;
  onDeleted?: () => Promise<void>;
}

/**
 * Confirms a deletion; a running experiment must be cancelled first. If it was edited since the question was asked,
 * shows the edit and asks again.
 */
export function DeleteDialog({ experiment, onClose, onDeleted }: Props) {
  const { id, state } = experiment;
  const [asked, setAsked] = useState({ name: experiment.name, version: experiment.version });
  const [changed, setChanged] = useState<Annotations>();
  const queryClient = useQueryClient();
  const cancel = useMutation({
    mutationFn: () => sendAction(id, "cancel"),
    onSuccess: async () => {
      await queryClient.invalidateQueries({ queryKey: EXPERIMENTS_KEY });
      onClose();
    },
  });
  const remove = useMutation({
    mutationFn: () => {
      const params = { path: { experiment_id: id }, header: matchVersion(asked.version) };
      return unwrap(api.DELETE("/api/experiments/{experiment_id}", { params })).catch(passOverGone);
    },
    onSuccess: async () => {
      onClose();
      // Leave its page first, which would read it again.
      await onDeleted?.();
      await forgetExperiment(queryClient, id);
    },
    onError: (error) => {
      const current = findCurrent(error);
      if (current === undefined) return;
      setAsked(current);
      setChanged(current);
      void queryClient.invalidateQueries({ queryKey: EXPERIMENTS_KEY });
    },
  });
  const runs = isActive(state);
  const error = [remove.error, cancel.error].find((each) => each && findCurrent(each) === undefined);
  return (
    <Modal
      opened
      onClose={onClose}
      title={runs ? "It still runs" : "Delete this experiment?"}
      closeButtonProps={{ "aria-label": "Close" }}
    >
      <Stack gap="md">
        <Text size="sm">
          <bdi>
            <b>{asked.name || `Experiment ${id}`}</b>
          </bdi>
          {runs
            ? " is not finished. Cancel it first; what it has measured so far is kept. Then it can be deleted."
            : " and everything it measured will be gone for good."}
        </Text>
        {changed && <Changed current={changed} />}
        {error && <Notice title="That did not work">{describeError(error)}</Notice>}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose} data-autofocus>
            Keep it
          </Button>
          {runs ? (
            <Button color="red" loading={cancel.isPending} onClick={() => cancel.mutate()}>
              Cancel the experiment
            </Button>
          ) : (
            <Button color="red" loading={remove.isPending} onClick={() => remove.mutate()}>
              {changed ? "Delete it all the same" : "Delete"}
            </Button>
          )}
        </Group>
      </Stack>
    </Modal>
  );
}

/** Ignores that it was deleted already. */
function passOverGone(error: unknown): void {
  if (!(error instanceof ApiError && error.status === 404)) throw error;
}

function Changed({ current }: { current: Annotations }) {
  const { name, tags, notes } = current;
  return (
    <Notice title="It was changed meanwhile and is not deleted">
      <Text size="sm">Somebody has edited it since this page showed it. It is now:</Text>
      <Text size="sm" dir="auto" lineClamp={6} style={{ whiteSpace: "pre-wrap", overflowWrap: "anywhere" }}>
        {[name || "(no name)", tags.length > 0 ? `tags: ${tags.join(", ")}` : "", notes]
          .filter((line) => line !== "")
          .join("\n")}
      </Text>
    </Notice>
  );
}
