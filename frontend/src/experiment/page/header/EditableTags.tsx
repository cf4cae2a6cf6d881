import { TagsInput } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { useRef } from "react";
import { TAGS } from "../../../api/fieldEdits";
import shared from "../../shared.module.css";
import type { Experiment } from "../../types";
import classes from "../page.module.css";
import { UnsavedEditNotice } from "./UnsavedEditNotice";
import { useFieldEdit } from "./useFieldEdit";

interface Props {
  experiment: Experiment;
  canChange: boolean;
}

/** The tags. Each addition or removal is saved at once. */
export function EditableTags({ experiment, canChange }: Props) {
  const isInside = useRef(false);
  const edit = useFieldEdit(experiment, "tags", TAGS, () => isInside.current);
  const { open } = edit;
  if (open !== null && canChange) {
    const enter = () => {
      isInside.current = true;
    };
    const leave = (event: React.FocusEvent) => {
      if (event.currentTarget.contains(event.relatedTarget)) return;
      isInside.current = false;
      if (open.status === "typing") edit.finish();
    };
    return (
      <fieldset className={classes.editor} onFocus={enter} onBlur={leave}>
        <TagsInput
          size="xs"
          aria-label="Tags"
          aria-busy={edit.isSaving || undefined}
          placeholder="Type a tag, then Enter"
          value={open.value}
          maxTags={20}
          autoFocus={open.status === "typing"}
          onChange={(tags) => {
            edit.write(tags);
            edit.save();
          }}
          className={classes.tagsField}
        />
        <UnsavedEditNotice edit={edit} noun="tags" write={(tags) => tags.join(", ")} />
      </fieldset>
    );
  }
  return (
    <span className={classes.tags}>
      {experiment.tags.map((tag) => (
        <Link key={tag} to="/" search={{ tag }} className={classes.tag} dir="auto">
          {tag}
        </Link>
      ))}
      {canChange && (
        <button type="button" className={shared.textButton} onClick={edit.begin}>
          {experiment.tags.length > 0 ? "Edit tags" : "Add tags"}
        </button>
      )}
    </span>
  );
}
