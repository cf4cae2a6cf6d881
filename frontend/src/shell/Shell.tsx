import { ActionIcon } from "@mantine/core";
import { IconKeyboard, IconPlus } from "@tabler/icons-react";
import { Link, Outlet, useRouterState } from "@tanstack/react-router";
import { lazy, Suspense, useState } from "react";
import { useCanChange, useSession } from "../api/session";
import { AccountMenu } from "./AccountMenu";
import { AuthGate } from "./AuthGate";
import { ConnectionNote } from "./ConnectionNote";
import { DiskNote } from "./DiskNote";
import { LinkButton } from "./LinkButton";
import classes from "./shell.module.css";
import { ThemeSwitch } from "./ThemeSwitch";
import { useShortcuts } from "./useShortcuts";

const KeysDialog = lazy(() => import("./ShortcutsDialog"));

export function Shell() {
  const [showsKeys, setShowsKeys] = useState(false);
  const isForm = useRouterState({ select: (state) => state.location.pathname === "/new" });
  const isIn = useSession()?.role != null;
  const canChange = useCanChange();
  useShortcuts(() => setShowsKeys(true), isIn, canChange);
  return (
    <>
      <a className={classes.skip} href="#content">
        Skip to the content
      </a>
      <header className={classes.header}>
        <div className={classes.bar}>
          <Link to="/" className={classes.brand} aria-label="Ridgeline, all experiments">
            <img src="/ridgeline.svg" alt="" width={26} height={26} />
            <span className={classes.word}>Ridgeline</span>
          </Link>
          <nav aria-label="Main" hidden={!isIn}>
            <Link to="/" className={classes.link} activeOptions={{ exact: true, includeSearch: false }}>
              Experiments
            </Link>
            <Link to="/system" className={classes.link}>
              System
            </Link>
          </nav>
          <span className={classes.space} />
          <ActionIcon
            className={classes.keys}
            variant="subtle"
            color="gray"
            size="lg"
            aria-label="List of keys"
            title="List of keys (?)"
            onClick={() => setShowsKeys(true)}
          >
            <IconKeyboard size={19} stroke={1.6} />
          </ActionIcon>
          <ThemeSwitch />
          <AccountMenu />
          {!canChange && <span className={classes.role}>Read only</span>}
          {isIn && canChange && !isForm && <NewButton />}
        </div>
      </header>
      <main id="content" className={classes.main} tabIndex={-1}>
        <AuthGate>
          <Outlet />
        </AuthGate>
      </main>
      <ConnectionNote />
      {isIn && <DiskNote />}
      {showsKeys && (
        <Suspense>
          <KeysDialog onClose={() => setShowsKeys(false)} />
        </Suspense>
      )}
    </>
  );
}

function NewButton() {
  return (
    <LinkButton
      to="/new"
      size="sm"
      ml={8}
      flex="none"
      aria-label="New experiment"
      className={classes.newButton}
    >
      <IconPlus size={16} stroke={2.2} aria-hidden />
      <span className={classes.newWord}>
        New<span className={classes.wide}>&nbsp;experiment</span>
      </span>
    </LinkButton>
  );
}
