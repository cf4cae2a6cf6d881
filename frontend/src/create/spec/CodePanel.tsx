import { Button, CopyButton, SegmentedControl } from "@mantine/core";
import { IconCheck, IconCopy, IconPencil } from "@tabler/icons-react";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { describeError } from "../../api/client";
import type { EditedText } from "../drafts/savedDrafts";
import type { Catalogue, FormValues, Spec } from "../form/formValues";
import classes from "../page/side.module.css";
import { applySpec } from "./applySpec";
import { SpecEditor } from "./SpecEditor";
import { formatJson, writeCommand, writeCurl } from "./specJson";
import { writeYaml } from "./specYaml";
import { useSpecText } from "./useSpecText";

const WAYS = ["JSON", "YAML", "curl", "Command line"] as const;
type Way = (typeof WAYS)[number];

interface Props {
  spec: Spec;
  values: FormValues;
  catalogue: Catalogue;
  /** An edited text that has not been applied yet. */
  edited: EditedText | null;
  onEdited: (edited: EditedText | null) => void;
  onApply: (values: FormValues) => void;
}

/** The experiment as JSON, YAML, curl or shell command, to copy, or to edit and apply to the form. */
export function CodePanel({ spec, values, catalogue, edited, onEdited, onApply }: Props) {
  const [chosen, setWay] = useState<Way>("JSON");
  const [isOpen, setIsOpen] = useState(edited !== null);
  // An applied text, with its comments, is shown until the form changes.
  const [applied, setApplied] = useState<(EditedText & { spec: string }) | null>(null);
  const way = edited?.way ?? chosen;
  const own = JSON.stringify(spec);
  const json = formatJson(spec);
  const texts: Record<Way, string> = {
    JSON: json,
    YAML: writeYaml({ ...spec }),
    curl: writeCurl(json, window.location.origin),
    "Command line": writeCommand(json),
  };
  const isEditable = way === "JSON" || way === "YAML";
  const shown = applied?.way === way && applied.spec === own ? applied.text : texts[way];
  const checked = useSpecText(edited?.text ?? null);
  const apply = useMutation({
    mutationFn: async (typed: EditedText) => {
      if (!checked?.data) throw new Error("The text is not a spec yet.");
      return { typed, made: await applySpec(checked.data.spec as Spec, values, catalogue) };
    },
    onSuccess: ({ typed, made }) => {
      onApply(made);
      setApplied({ ...typed, spec: "" });
      onEdited(null);
    },
  });
  // The form's spec is known only after it has taken the values.
  if (applied !== null && applied.spec === "" && edited === null) setApplied({ ...applied, spec: own });
  return (
    <section className={`rl-surface ${classes.code}`} aria-label="The same as code">
      <div className={classes.codeHead}>
        <SegmentedControl
          size="xs"
          aria-label="Show the experiment as"
          value={way}
          disabled={edited !== null}
          onChange={(value) => setWay(value as Way)}
          data={[...WAYS]}
        />
        <div className={classes.codeActions}>
          {isEditable && !isOpen && (
            <Button
              size="compact-xs"
              variant="subtle"
              color="gray"
              leftSection={<IconPencil size={14} />}
              onClick={() => setIsOpen(true)}
              aria-label={`Edit as ${way}`}
            >
              Edit
            </Button>
          )}
          <CopyButton value={edited?.text ?? shown}>
            {({ copied, copy }) => (
              <Button
                size="compact-xs"
                variant="subtle"
                color="gray"
                leftSection={copied ? <IconCheck size={14} /> : <IconCopy size={14} />}
                onClick={copy}
                aria-label={`Copy as ${way}`}
              >
                <span aria-live="polite">{copied ? "Copied" : "Copy"}</span>
              </Button>
            )}
          </CopyButton>
        </div>
      </div>
      {isOpen && isEditable ? (
        <SpecEditor
          label={`The experiment as ${way}`}
          text={edited?.text ?? shown}
          checked={checked}
          isDirty={edited !== null}
          isApplying={apply.isPending}
          refusal={apply.error ? describeError(apply.error) : null}
          onChange={(text) => {
            apply.reset();
            onEdited(text === shown ? null : { way, text });
          }}
          onApply={() => edited && apply.mutate(edited)}
          onDiscard={() => {
            apply.reset();
            setIsOpen(false);
            onEdited(null);
          }}
        />
      ) : (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reachable by keyboard
        <pre tabIndex={0}>{shown}</pre>
      )}
    </section>
  );
}
