import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { api, unwrap } from "../../api/client";
import { readExperiment } from "../../api/queries";
import { makeRandomKey, readText, removeText, writeText } from "../drafts/browserStorage";
import type { Spec } from "../form/formValues";

const SENT = "ridgeline-sent";

/**
 * Creates an experiment and opens its page. A retry with the same spec, also after a reload, sends the same idempotency
 * key, so that only one experiment is created. `onMade` receives the spec's text.
 */
export function useCreateExperiment(onMade: (text: string) => void) {
  const navigate = useNavigate();
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: (text: string) => {
      const header = { "idempotency-key": findKey(text) };
      return unwrap(api.POST("/api/experiments", { body: JSON.parse(text) as Spec, params: { header } }));
    },
    onSuccess: (experiment, text) => {
      removeText("tab", SENT);
      onMade(text);
      queryClient.setQueryData(readExperiment(experiment.id).queryKey, experiment);
      return navigate({ to: "/experiments/$id", params: { id: String(experiment.id) } });
    },
  });
}

/** The key of the last unanswered request if the spec is the same, else a new one. */
function findKey(text: string): string {
  const [known, sent] = (readText("tab", SENT) ?? "").split("\n", 2);
  if (sent === text && known) return known;
  const key = makeRandomKey();
  writeText("tab", SENT, `${key}\n${text}`);
  return key;
}
