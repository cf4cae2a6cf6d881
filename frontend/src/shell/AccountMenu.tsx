import { ActionIcon, Menu } from "@mantine/core";
import { IconLogout, IconUser } from "@tabler/icons-react";
import { useMutation } from "@tanstack/react-query";
import { api, unwrap } from "../api/client";
import { useSession } from "../api/session";

/** The role of the session and the logout; hidden where no token is configured. */
export function AccountMenu() {
  const session = useSession();
  const logout = useMutation({
    mutationFn: () => unwrap(api.DELETE("/api/session")),
    // A full load empties the caches of this tab.
    onSuccess: () => window.location.assign("/"),
  });
  if (!session?.authentication || session.role === null) return null;
  return (
    <Menu position="bottom-end" withinPortal>
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" size="lg" aria-label="Account" title="Account">
          <IconUser size={19} stroke={1.6} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>
          {session.role === "read" ? "Logged in to look, not to change" : "Logged in with the full token"}
        </Menu.Label>
        <Menu.Item leftSection={<IconLogout size={16} />} onClick={() => logout.mutate()}>
          Log out
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
