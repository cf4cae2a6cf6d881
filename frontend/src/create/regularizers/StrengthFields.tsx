import { NativeSelect, NumberInput, SegmentedControl, Textarea, TextInput } from "@mantine/core";
import { useMemo } from "react";
import { countNoun } from "../../text/numbers";
import { writeNumber } from "../../text/parseNumbers";
import { formatGeneral } from "../../text/rounding";
import classes from "../form/form.module.css";
import { useFormContext } from "../form/formContext";
import type { Catalogue } from "../form/formValues";
import {
  describeRange,
  fromStrengthsSpec,
  listStrengths,
  type StrengthValues,
} from "../strengths/strengthValues";
import { StrengthSlider } from "./StrengthSlider";
import { findDomain, isLegal } from "./sliderScale";

const MOST_HANDLES = 24;

interface Props {
  index: number;
  entry: Catalogue["regularizers"][number];
}

/** The strengths of a regularizer: dragged on the slider, or typed as a grid or list. */
export function StrengthFields({ index, entry }: Props) {
  const form = useFormContext();
  const path = `regularizers.${index}.strengths`;
  const values = form.values.regularizers[index]?.strengths;
  const offered = useMemo(() => {
    const given = entry.strength?.default ?? [];
    return listStrengths(fromStrengthsSpec(given as never, entry.strength?.scale ?? "log"));
  }, [entry]);
  if (values === undefined) return null;
  const strengths = listStrengths(values);
  const legal = entry.strength ?? {};
  const domain = findDomain(entry.strength?.scale ?? "log", offered, strengths, legal);
  const wrong = strengths.filter((strength) => !isLegal(strength, legal));
  const isGrid = values.mode === "grid";
  const change = (part: Partial<StrengthValues>) => {
    form.setFieldValue(path, { ...values, ...part });
    for (const field of [path, ...Object.keys(part).map((name) => `${path}.${name}`)])
      form.clearFieldError(field);
  };
  const handles = isGrid
    ? strengths.length > 1
      ? [0, strengths.length - 1]
      : strengths.map((_, place) => place)
    : strengths.length <= MOST_HANDLES
      ? strengths.map((_, place) => place)
      : [];
  const move = (place: number, value: number) => {
    if (!isGrid)
      return change({ list: strengths.map((old, at) => writeNumber(at === place ? value : old)).join(", ") });
    const end = place === 0 ? "from" : "to";
    const other = place === 0 ? values.to : values.from;
    if (strengths.length === 1 || writeNumber(value) !== other) change({ [end]: writeNumber(value) });
  };
  const switchMode = (mode: string) => {
    const list =
      mode === "list" && strengths.length > 0 ? strengths.map(writeNumber).join(", ") : values.list;
    change({ mode: mode as StrengthValues["mode"], list });
  };
  const { symbol } = entry;
  return (
    <div className={classes.strengths} id={path} tabIndex={-1}>
      <div className={classes.strengthsHead}>
        <span>
          {symbol}: {countNoun(strengths.length, "strength")}
          {entry.strength?.smaller_is_stronger && ", smaller is stronger"}
          {wrong.length > 0 && <span className={classes.wrong}>{describeWrong(wrong)}</span>}
        </span>
        <SegmentedControl
          size="xs"
          value={values.mode}
          onChange={switchMode}
          aria-label={`How the strengths of ${entry.label} are given`}
          data={[
            { value: "grid", label: "Grid" },
            { value: "list", label: "List" },
          ]}
        />
      </div>
      <StrengthSlider
        symbol={symbol}
        strengths={strengths}
        domain={domain}
        legal={legal}
        handles={handles}
        onMove={move}
      />
      {isGrid ? (
        <div className={classes.grid}>
          <TextInput
            id={`${path}.from`}
            label="From"
            error={form.errors[`${path}.from`]}
            aria-label={`${entry.label}: first strength`}
            value={values.from}
            onChange={(event) => change({ from: event.currentTarget.value })}
            autoComplete="off"
          />
          <TextInput
            id={`${path}.to`}
            label="To"
            error={form.errors[`${path}.to`]}
            aria-label={`${entry.label}: last strength`}
            value={values.to}
            onChange={(event) => change({ to: event.currentTarget.value })}
            autoComplete="off"
          />
          <NumberInput
            id={`${path}.count`}
            label="Count"
            error={form.errors[`${path}.count`]}
            aria-label={`${entry.label}: number of strengths`}
            value={values.count}
            onChange={(count) => change({ count })}
            allowDecimal={false}
            min={1}
            clampBehavior="none"
          />
          <NativeSelect
            label="Spacing"
            aria-label={`${entry.label}: spacing of the strengths`}
            value={values.scale}
            onChange={(event) => change({ scale: event.currentTarget.value as StrengthValues["scale"] })}
            data={["log", "linear"]}
          />
        </div>
      ) : (
        <Textarea
          aria-label={`${entry.label}: strengths`}
          description={`${entry.strength?.whole ? "Such as 1, 5, 20" : "Such as 0.01, 1e-4, 10^-3.5 or 3·10⁻⁴"}, or a range: ${entry.strength?.scale === "linear" ? "0.1..0.7 x 4" : entry.strength?.whole ? "1..100 x 3" : "1e-4..1 x 9"}; a list from a program can be pasted. ${entry.strength ? describeRange(entry.strength) : ""}`}
          value={values.list}
          onChange={(event) => change({ list: event.currentTarget.value })}
          autosize
          minRows={1}
        />
      )}
      {form.errors[path] && (
        <p className={classes.error} role="alert">
          {form.errors[path]}
        </p>
      )}
    </div>
  );
}

function describeWrong(wrong: readonly number[]): string {
  const named = wrong.slice(0, 3).map((strength) => formatGeneral(strength, 6));
  const rest = wrong.length > named.length ? ` and ${wrong.length - named.length} more` : "";
  return `, ${named.join(", ")}${rest} not legal`;
}
