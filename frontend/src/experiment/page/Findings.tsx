import shared from "../shared.module.css";
import type { Experiment } from "../types";

const MOST_STOPS = 6;

/** Runs that ended before their last epoch, with the reason. */
export function StoppedNotice({ stops }: { stops: Experiment["stops"] }) {
  if (stops.length === 0) return null;
  const more = stops.length - MOST_STOPS;
  return (
    <div className={shared.notice} role="status">
      {stops.slice(0, MOST_STOPS).map(({ sentence }) => (
        <p key={sentence}>{sentence}</p>
      ))}
      <p>{more > 0 ? `And ${more} more of this kind. ` : ""}Their curves end there.</p>
    </div>
  );
}

/** Findings of the analysis: what went wrong, and regularizers without effect. */
export function Findings({ findings }: { findings: Experiment["findings"] }) {
  const idle = findings.filter((finding) => finding.kind === "without_effect");
  return (
    <>
      {findings
        .filter((finding) => finding.kind !== "without_effect")
        .map(({ kind, tone, title, sentence }) => (
          <div
            key={kind}
            className={shared.notice}
            data-tone={tone}
            role={tone === "bad" ? "alert" : "status"}
          >
            <strong>{title}</strong>
            <p>{sentence}</p>
          </div>
        ))}
      {idle.length > 0 && (
        <div className={shared.notice} role="status">
          <strong>Without effect</strong>
          {idle.map(({ sentence }) => (
            <p key={sentence}>{sentence}</p>
          ))}
        </div>
      )}
    </>
  );
}
