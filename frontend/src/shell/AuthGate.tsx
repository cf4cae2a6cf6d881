import { Modal, Text, Title } from "@mantine/core";
import { type ReactNode, useEffect, useState } from "react";
import { askSession, useSession } from "../api/session";
import { LoginForm } from "./LoginForm";
import classes from "./shell.module.css";

/**
 * Shows the page with a session, else the login form. A session that ends later is renewed in a dialog over the page,
 * so that nothing typed is lost.
 */
export function AuthGate({ children }: { children: ReactNode }) {
  const session = useSession();
  const [wasOpen, setWasOpen] = useState(false);
  const isOpen = session?.role != null;
  if (isOpen && !wasOpen) setWasOpen(true);
  useEffect(() => void askSession(), []);
  if (session === null) return null;
  if (!wasOpen) return isOpen ? null : <LoginCard />;
  return (
    <>
      {children}
      <Modal
        opened={!isOpen}
        onClose={() => undefined}
        withCloseButton={false}
        closeOnEscape={false}
        closeOnClickOutside={false}
        title="Log in again"
        centered
      >
        <Text size="sm" mb="md">
          The session is over. Log in to go on where you are; nothing that you typed is lost.
        </Text>
        <LoginForm />
      </Modal>
    </>
  );
}

function LoginCard() {
  return (
    <div className={`rl-surface ${classes.login}`}>
      <title>Log in · Ridgeline</title>
      <Title order={1} size={24} mb="md">
        Log in
      </Title>
      <LoginForm />
    </div>
  );
}
