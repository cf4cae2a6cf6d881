import { Button } from "@mantine/core";
import { useRef } from "react";
import { describeDetail } from "../../api/fieldErrors";
import { countNoun } from "../../text/numbers";
import classes from "./editor.module.css";
import type { CheckedSpec } from "./useSpecText";

interface Props {
  label: string;
  text: string;
  checked: CheckedSpec | null;
  isDirty: boolean;
  isApplying: boolean;
  /** Why the text could not be applied. */
  refusal: string | null;
  onChange: (text: string) => void;
  onApply: () => void;
  onDiscard: () => void;
}

/** A text editor with line numbers; errors below link to their lines. */
export function SpecEditor(props: Props) {
  const { label, text, checked, isDirty, isApplying, refusal, onChange, onApply, onDiscard } = props;
  const area = useRef<HTMLTextAreaElement>(null);
  const isCurrent = checked?.text === text;
  const details = isCurrent ? checked.details : [];
  const wrong = new Set(details.map(({ line }) => line));
  const lines = text.split("\n").length;
  const goTo = (line: number) => {
    const start =
      text
        .split("\n")
        .slice(0, line - 1)
        .join("\n").length + (line > 1 ? 1 : 0);
    const end = text.indexOf("\n", start);
    area.current?.focus();
    area.current?.setSelectionRange(start, end < 0 ? text.length : end);
    const height = (area.current?.scrollHeight ?? 0) / lines;
    area.current?.closest("[data-scroll]")?.scrollTo({ top: Math.max(0, (line - 4) * height) });
  };
  return (
    <div className={classes.editor}>
      <div className={classes.scroll} data-scroll>
        <div className={classes.gutter} aria-hidden>
          {Array.from({ length: lines }, (_, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a line is its number
            <span key={index} data-wrong={wrong.has(index + 1) || undefined}>
              {index + 1}
            </span>
          ))}
        </div>
        <textarea
          ref={area}
          aria-label={label}
          aria-invalid={details.length > 0 || undefined}
          aria-describedby="spec-text-state"
          className={classes.text}
          value={text}
          rows={Math.max(lines, 8)}
          wrap="off"
          spellCheck={false}
          autoCapitalize="off"
          autoCorrect="off"
          onChange={(event) => onChange(event.currentTarget.value)}
        />
      </div>
      <div className={classes.foot}>
        <div className={classes.actions}>
          <Button size="compact-sm" variant="default" onClick={onDiscard}>
            {isDirty ? "Discard" : "Close"}
          </Button>
          <Button
            size="compact-sm"
            disabled={!isDirty || !isCurrent || checked.data === null}
            loading={isApplying}
            onClick={onApply}
          >
            Apply to the form
          </Button>
        </div>
        <div id="spec-text-state" aria-live="polite" className={classes.state}>
          {refusal !== null && <p className={classes.wrong}>{refusal}</p>}
          {isDirty && !isCurrent && <p>Reading…</p>}
          {isDirty && isCurrent && checked.problem && <p className={classes.wrong}>{checked.problem}</p>}
          {isDirty && isCurrent && checked.data && (
            <p>Can be applied: {countNoun(checked.data.plan.runs, "run")}.</p>
          )}
          {details.length > 0 && (
            <ul>
              {details.map((detail) => (
                <li key={`${detail.field} ${detail.line} ${detail.message}`}>
                  {detail.line == null ? (
                    describeDetail(detail)
                  ) : (
                    <button type="button" onClick={() => goTo(detail.line ?? 1)}>
                      <b>Line {detail.line}</b> {describeDetail(detail)}
                    </button>
                  )}
                </li>
              ))}
            </ul>
          )}
        </div>
      </div>
    </div>
  );
}
