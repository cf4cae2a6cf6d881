import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useRef } from "react";
import { api, take } from "../api/client";
import { readExperiment } from "../api/queries";
import type { Spec } from "./draft";

/**
 * Starts an experiment and goes to its page. The same spec sent again, after an answer that was lost, carries the same
 * key, so that one experiment is made.
 */
export function useStart() {
  const navigate = useNavigate();
  const queryClient = useQueryClient();
  const sent = useRef({ text: "", key: "" });
  return useMutation({
    mutationFn: (text: string) => {
      if (sent.current.text !== text) sent.current = { text, key: makeKey() };
      const header = { "idempotency-key": sent.current.key };
      return take(api.POST("/api/experiments", { body: JSON.parse(text) as Spec, params: { header } }));
    },
    onSuccess: (experiment) => {
      sent.current = { text: "", key: "" };
      queryClient.setQueryData(readExperiment(experiment.id).queryKey, experiment);
      return navigate({ to: "/experiments/$id", params: { id: String(experiment.id) } });
    },
  });
}

// crypto.randomUUID is missing where the page comes over plain HTTP from another machine.
function makeKey(): string {
  return [...crypto.getRandomValues(new Uint8Array(16))]
    .map((byte) => byte.toString(16).padStart(2, "0"))
    .join("");
}
