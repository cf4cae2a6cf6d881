import { ActionIcon, Menu } from "@mantine/core";
import { IconCopy, IconDots, IconPlayerStop, IconTrash } from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { sendAction } from "../api/actions";
import type { Schemas } from "../api/client";
import { isActive } from "../api/queries";
import { EXPERIMENTS_KEY } from "../api/queryKeys";
import { useCanChange } from "../api/session";
import { DeleteDialog } from "./DeleteDialog";

/** The menu of a row: clone, cancel, delete. */
export function RowActions({ row }: { row: Schemas["ExperimentSummary"] }) {
  const canChange = useCanChange();
  const [asks, setAsks] = useState(false);
  const queryClient = useQueryClient();
  const cancel = useMutation({
    mutationFn: () => sendAction(row.id, "cancel"),
    onSettled: () => queryClient.invalidateQueries({ queryKey: EXPERIMENTS_KEY }),
  });
  const name = row.name || `Experiment ${row.id}`;
  if (!canChange) return null;
  return (
    <>
      <Menu position="bottom-end" withinPortal>
        <Menu.Target>
          <ActionIcon variant="subtle" color="gray" size="lg" aria-label={`Actions for ${name}`}>
            <IconDots size={18} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item
            renderRoot={(props) => <Link to="/new" search={{ from: row.id }} {...props} />}
            leftSection={<IconCopy size={16} />}
          >
            Clone into a new experiment
          </Menu.Item>
          {isActive(row.state) && (
            <Menu.Item leftSection={<IconPlayerStop size={16} />} onClick={() => cancel.mutate()}>
              Cancel
            </Menu.Item>
          )}
          <Menu.Item
            style={{ color: "var(--rl-danger)" }}
            leftSection={<IconTrash size={16} />}
            onClick={() => setAsks(true)}
          >
            Delete…
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      {asks && <DeleteDialog experiment={row} onClose={() => setAsks(false)} />}
    </>
  );
}
