import { Button, PasswordInput, Stack, Text } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useRef, useState } from "react";
import { api, describeError, unwrap } from "../api/client";
import { setSession } from "../api/session";

/** Asks for the token, which is sent and not stored. */
export function LoginForm() {
  const [token, setToken] = useState("");
  const field = useRef<HTMLInputElement>(null);
  const login = useMutation({
    mutationFn: () => unwrap(api.POST("/api/session", { body: { token: token.trim() } })),
    onSuccess: setSession,
    onError: () => field.current?.select(),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (token.trim() === "") field.current?.focus();
    else login.mutate();
  };
  return (
    <form onSubmit={submit} aria-label="Log in">
      <Stack gap="md">
        {/* Password managers file a password under a name. */}
        <input type="text" name="username" autoComplete="username" value="Ridgeline" readOnly hidden />
        <PasswordInput
          ref={field}
          label="Token"
          name="token"
          autoComplete="current-password"
          value={token}
          onChange={(event) => {
            setToken(event.currentTarget.value);
            login.reset();
          }}
          error={login.error && describeError(login.error)}
          visibilityToggleButtonProps={{ "aria-label": "Show the token" }}
          autoFocus
          data-autofocus
          required
          withAsterisk={false}
        />
        <Button type="submit" loading={login.isPending}>
          Log in
        </Button>
        <Text size="sm" c="dimmed">
          Whoever set Ridgeline up has it: where the server runs it is RIDGELINE_TOKEN. A token that only
          reads, RIDGELINE_READ_TOKEN, lets you look at everything and change nothing.
        </Text>
      </Stack>
    </form>
  );
}
