import { Button, type ButtonProps } from "@mantine/core";
import { createLink } from "@tanstack/react-router";
import type { ComponentPropsWithRef } from "react";

type Props = ButtonProps & Omit<ComponentPropsWithRef<"a">, keyof ButtonProps>;

/** A link of the router that looks like a button: its `to`, `params` and `search` are typed. */
export const LinkButton = createLink((props: Props) => <Button component="a" {...props} />);
