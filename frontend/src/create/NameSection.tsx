import { TagsInput, Textarea, TextInput } from "@mantine/core";
import { useDraft } from "./fields";
import classes from "./form.module.css";
import { Section } from "./Section";

export function NameSection() {
  const form = useDraft();
  return (
    <Section title="Name, notes, tags" aside="all optional">
      <div className={classes.stack}>
        <TextInput
          id="name"
          label="Name"
          placeholder="What this experiment is to find out"
          autoComplete="off"
          {...form.getInputProps("name")}
        />
        <TagsInput id="tags" label="Tags" placeholder="Type, then Enter" {...form.getInputProps("tags")} />
        <Textarea
          id="notes"
          label="Notes"
          autosize
          minRows={2}
          maxRows={12}
          {...form.getInputProps("notes")}
        />
      </div>
    </Section>
  );
}
