import { formatTime } from "../text/times";
import { useConnection } from "./liveClient";

/** A message while live updates are interrupted. */
export function ConnectionStatus({ className }: { className?: string | undefined }) {
  const { state, lastHeard } = useConnection();
  return (
    <span role="status" className={className} data-connection={state}>
      {state === "lost" && describe(lastHeard)}
    </span>
  );
}

function describe(lastHeard: number | null): string {
  if (lastHeard === null) return "Connection lost, connecting again";
  return `Connection lost, last heard at ${formatTime(lastHeard)}; connecting again`;
}
