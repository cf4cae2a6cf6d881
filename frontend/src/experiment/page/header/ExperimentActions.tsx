import { Button, Group } from "@mantine/core";
import { IconCopy, IconPlus, IconTrash, IconX } from "@tabler/icons-react";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { describeError } from "../../../api/client";
import { isActive } from "../../../api/queries";
import { DeleteDialog } from "../../../experiments/DeleteDialog";
import { LinkButton } from "../../../shell/LinkButton";
import { useExperimentActions } from "../../live/useExperimentActions";
import shared from "../../shared.module.css";
import type { Experiment } from "../../types";
import classes from "../page.module.css";
import { ExtendDialog } from "./ExtendDialog";

/** The buttons cancel, clone, extend and delete. */
export function ExperimentActions({ experiment }: { experiment: Experiment }) {
  const { id, state, cancel_requested: isCancelling } = experiment;
  const [asks, setAsks] = useState(false);
  const [isExtending, setIsExtending] = useState(false);
  const navigate = useNavigate();
  const cancel = useExperimentActions(id);
  return (
    <Group gap={6} className={classes.actions}>
      {isActive(state) && (
        <Button
          size="xs"
          variant="default"
          leftSection={<IconX size={15} />}
          loading={cancel.isPending}
          disabled={isCancelling}
          onClick={() => cancel.mutate("cancel")}
        >
          Cancel
        </Button>
      )}
      <LinkButton
        size="xs"
        variant="default"
        leftSection={<IconCopy size={15} />}
        to="/new"
        search={{ from: id }}
      >
        Clone
      </LinkButton>
      {!isActive(state) && (
        <Button
          size="xs"
          variant="default"
          leftSection={<IconPlus size={15} />}
          onClick={() => setIsExtending(true)}
        >
          Extend…
        </Button>
      )}
      <Button size="xs" variant="default" leftSection={<IconTrash size={15} />} onClick={() => setAsks(true)}>
        Delete
      </Button>
      {cancel.error && (
        <span className={shared.problem} role="alert">
          {describeError(cancel.error)}
        </span>
      )}
      {isExtending && <ExtendDialog experiment={experiment} onClose={() => setIsExtending(false)} />}
      {asks && (
        <DeleteDialog
          experiment={experiment}
          onClose={() => setAsks(false)}
          onDeleted={() => navigate({ to: "/" })}
        />
      )}
    </Group>
  );
}
