import { Button, TagsInput, Textarea, TextInput } from "@mantine/core";
import { FormSection } from "../form/FormSection";
import classes from "../form/form.module.css";
import { useFormContext } from "../form/formContext";
import type { FormValues } from "../form/formValues";
import { listCleared, type PrefilledText } from "../form/prefilledTexts";

export function NameSection({ template }: { template: FormValues }) {
  const form = useFormContext();
  /** An edited text is no longer prefilled. */
  const edit = (text: PrefilledText) => {
    const props = form.getInputProps(text);
    const onChange = (change: unknown) => {
      form.setFieldValue(`prefilled.${text}`, false);
      props.onChange(change);
    };
    return { ...props, onChange };
  };
  return (
    <FormSection title="Name, notes, tags" aside="all optional">
      <div className={classes.stack}>
        <TextInput
          id="name"
          label="Name"
          placeholder="What this experiment is to find out"
          autoComplete="off"
          {...edit("name")}
        />
        <TagsInput id="tags" label="Tags" placeholder="Type, then Enter" {...edit("tags")} />
        <Textarea id="notes" label="Notes" autosize minRows={2} maxRows={12} {...edit("notes")} />
        <Cleared template={template} />
      </div>
    </FormSection>
  );
}

/** Prefilled texts that were cleared, because they describe the template only. */
function Cleared({ template }: { template: FormValues }) {
  const form = useFormContext();
  const cleared = listCleared(form.values, template);
  if (cleared.length === 0) return null;
  const putBack = () => {
    const texts = Object.fromEntries(cleared.map((text) => [text, template[text]]));
    const theirs = Object.fromEntries(cleared.map((text) => [text, false]));
    form.setValues({ ...texts, prefilled: { ...form.values.prefilled, ...theirs } });
  };
  return (
    <div className={classes.note}>
      <span role="status">
        {cleared.join(", ").replace(/^./, (first) => first.toUpperCase())} cleared: what stood there described
        another experiment.
      </span>
      <Button variant="subtle" size="compact-sm" onClick={putBack}>
        Put back
      </Button>
    </div>
  );
}
