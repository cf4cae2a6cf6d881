import { Button, Group, Modal, Stack, Text } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { api, describeError, take } from "../api/client";
import { isActive, type State } from "../api/queries";
import { Notice } from "../shell/Notice";

interface Props {
  id: number;
  name: string;
  state: State;
  onClose: () => void;
  onDeleted?: () => void;
}

/** Asks before an experiment is deleted; one that runs must be cancelled first, and is offered that. */
export function DeleteDialog({ id, name, state, onClose, onDeleted }: Props) {
  const queryClient = useQueryClient();
  const path = { params: { path: { experiment_id: id } } };
  const refresh = () => queryClient.invalidateQueries({ queryKey: ["experiments"] });
  const cancel = useMutation({
    mutationFn: () => take(api.POST("/api/experiments/{experiment_id}/cancel", path)),
    onSuccess: async () => {
      await refresh();
      onClose();
    },
  });
  const remove = useMutation({
    mutationFn: () => take(api.DELETE("/api/experiments/{experiment_id}", path)),
    onSuccess: async () => {
      onClose();
      onDeleted?.();
      await refresh();
    },
  });
  const runs = isActive(state);
  const error = remove.error ?? cancel.error;
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
            <b>{name}</b>
          </bdi>
          {runs
            ? " is not finished. Cancel it first; what it has measured so far is kept. Then it can be deleted."
            : " and everything it measured will be gone for good."}
        </Text>
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
              Delete
            </Button>
          )}
        </Group>
      </Stack>
    </Modal>
  );
}
