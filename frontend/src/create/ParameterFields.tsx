import { Checkbox, NativeSelect, TextInput } from "@mantine/core";
import type { Parameter } from "./draft";
import { useDraft } from "./fields";
import classes from "./form.module.css";

interface Props {
  parameters: readonly Parameter[];
  /** Where in the spec: `network`, or `regularizers.0`. */
  path: string;
  placeholders?: Record<string, string>;
}

/** Inputs for the parameters of whatever was chosen, as the catalogue describes them. */
export function ParameterFields({ parameters, path, placeholders = {} }: Props) {
  if (parameters.length === 0) return null;
  return (
    <div className={classes.fields}>
      {parameters.map((parameter) => (
        <ParameterField
          key={parameter.name}
          parameter={parameter}
          path={path}
          placeholder={placeholders[parameter.name]}
        />
      ))}
    </div>
  );
}

function ParameterField({
  parameter,
  path,
  placeholder,
}: {
  parameter: Parameter;
  path: string;
  placeholder?: string;
}) {
  const form = useDraft();
  const { kind, label, help, name, optional } = parameter;
  const place = `${path}.parameters.${name}`;
  const shared = { id: `${path}.${name}`, label, description: help };
  if (kind === "boolean")
    return (
      <Checkbox className={classes.check} {...shared} {...form.getInputProps(place, { type: "checkbox" })} />
    );
  if (kind === "choice") {
    const data = (parameter.choices ?? []).map((choice) => ({
      value: String(choice),
      label: String(choice),
    }));
    return <NativeSelect {...shared} data={data} {...form.getInputProps(place)} />;
  }
  return (
    <TextInput
      {...shared}
      inputMode={kind === "integers" ? "text" : "decimal"}
      autoComplete="off"
      placeholder={optional ? (placeholder ?? "default") : undefined}
      {...form.getInputProps(place)}
    />
  );
}
