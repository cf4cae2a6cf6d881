import { Checkbox, NativeSelect, TextInput } from "@mantine/core";
import type { Parameter } from "./catalogueChoice";
import classes from "./form.module.css";
import { useFormContext } from "./formContext";

interface Props {
  parameters: readonly Parameter[];
  /** Path in the spec: `network`, `regularizers.0`, or "" for the spec itself. */
  path: string;
  /** Path in the form, if it differs. */
  place?: string;
  placeholders?: Record<string, string>;
}

/** Inputs for parameters, as the catalogue describes them. */
export function ParameterFields({ parameters, path, place = path, placeholders = {} }: Props) {
  if (parameters.length === 0) return null;
  const draw = (parameter: Parameter) => (
    <ParameterField
      key={parameter.name}
      parameter={parameter}
      id={path === "" ? parameter.name : `${path}.${parameter.name}`}
      place={`${place}.parameters.${parameter.name}`}
      placeholder={placeholders[parameter.name]}
    />
  );
  // Check boxes come last: between inputs they would not be aligned.
  const checks = parameters.filter(({ kind }) => kind === "boolean");
  return (
    <div className={classes.fields}>
      {parameters.filter(({ kind }) => kind !== "boolean").map(draw)}
      {checks.length > 0 && <div className={classes.checks}>{checks.map(draw)}</div>}
    </div>
  );
}

interface FieldProps {
  parameter: Parameter;
  id: string;
  place: string;
  placeholder?: string;
}

function ParameterField({ parameter, id, place, placeholder = "default" }: FieldProps) {
  const form = useFormContext();
  const { kind, label, help, optional } = parameter;
  const shared = { id, label, description: help };
  if (kind === "boolean")
    return <Checkbox {...shared} {...form.getInputProps(place, { type: "checkbox" })} />;
  if (kind === "choice") {
    const choices = (parameter.choices ?? []).map((choice) => ({
      value: String(choice),
      label: String(choice).replaceAll("_", " "),
    }));
    const data = optional ? [{ value: "", label: placeholder }, ...choices] : choices;
    return <NativeSelect {...shared} data={data} {...form.getInputProps(place)} />;
  }
  return (
    <TextInput
      {...shared}
      inputMode={kind === "integers" ? "text" : "decimal"}
      autoComplete="off"
      placeholder={optional ? placeholder : undefined}
      {...form.getInputProps(place)}
    />
  );
}
