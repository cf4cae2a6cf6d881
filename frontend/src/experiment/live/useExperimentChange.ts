import { useMutation, useQueryClient } from "@tanstack/react-query";
import { experimentKey } from "../../api/queryKeys";
import type { Experiment } from "../types";
import { applyResponse, readCachedExperiment } from "./experimentCache";

interface Handlers<Sent> {
  onSuccess?: (response: Experiment, sent: Sent) => void;
  onError?: (error: Error) => void;
  onSettled?: (response: Experiment | undefined, error: Error | null) => void;
}

/** Sends changes of an experiment and applies the responses, unless the live stream has sent something newer. */
export function useExperimentChange<Sent>(
  id: number,
  send: (sent: Sent) => Promise<Experiment>,
  { onSuccess, ...handlers }: Handlers<Sent> = {},
) {
  const queryClient = useQueryClient();
  return useMutation({
    mutationFn: send,
    onMutate: () => readCachedExperiment(queryClient, id),
    onSuccess: async (response, sent, before) => {
      // A response to an earlier request must not overwrite this one.
      await queryClient.cancelQueries({ queryKey: experimentKey(id), exact: true });
      applyResponse(queryClient, id, response, before);
      onSuccess?.(response, sent);
    },
    ...handlers,
  });
}
