import { parseNumber } from "../../text/parseNumbers";
import { ChoiceCards } from "../form/ChoiceCards";
import { chooseEntry } from "../form/catalogueChoice";
import classes from "../form/form.module.css";
import { useFormContext } from "../form/formContext";
import type { Catalogue, FormValues } from "../form/formValues";
import { ParameterFields } from "../form/ParameterFields";
import type { Schedule } from "./learningRate";
import { ScheduleSketch } from "./ScheduleSketch";

/** The learning-rate schedule. */
export function ScheduleFields({ catalogue }: { catalogue: Catalogue }) {
  const form = useFormContext();
  const { schedule } = form.values;
  const entry = catalogue.schedules.find((candidate) => candidate.name === schedule.name);
  const sketch = readSketch(form.values);
  return (
    <div className={classes.stack}>
      <h3 className={classes.subhead}>Learning rate over the epochs</h3>
      <ChoiceCards
        legend="Learning-rate schedule"
        path="schedule.name"
        size="small"
        options={catalogue.schedules.map(({ name, label }) => ({ name, label }))}
        value={schedule.name}
        onChange={(name) => {
          const chosen = catalogue.schedules.find((candidate) => candidate.name === name);
          if (chosen)
            form.setFieldValue("schedule", { ...chooseEntry(chosen, keepShared(schedule.parameters)) });
        }}
        error={form.errors["schedule.name"]}
      />
      {entry && <p className={classes.help}>{entry.help}</p>}
      <ParameterFields path="schedule" parameters={entry?.parameters ?? []} />
      {sketch && <ScheduleSketch {...sketch} />}
    </div>
  );
}

/** The warm-up, which all schedules have, is kept when another is chosen. */
function keepShared(parameters: FormValues["schedule"]["parameters"]): Record<string, unknown> {
  const warmup = parseNumber(String(parameters.warmup_epochs ?? ""));
  return typeof warmup === "number" ? { warmup_epochs: warmup } : {};
}

/** The numbers of the sketch; null while one is invalid. */
function readSketch(values: FormValues): { schedule: Schedule; rate: number; epochs: number } | null {
  const read = (value: unknown, otherwise: number) =>
    value === undefined ? otherwise : parseNumber(String(value));
  const { name, parameters } = values.schedule;
  const numbers = [
    read(values.optimizer.parameters.learning_rate, 1),
    read(values.epochs, 1),
    read(parameters.warmup_epochs, 0),
    read(parameters.final, 0),
    read(parameters.every, 1),
    read(parameters.factor, 1),
  ].filter((value) => typeof value === "number");
  const [rate, epochs, warmup, final, every, factor] = numbers;
  const isWhole = numbers.length === 6 && numbers.every((value) => value >= 0);
  if (!isWhole || !rate || !epochs || !every) return null;
  return { schedule: { name, warmup, final, every, factor }, rate, epochs } as ReturnType<typeof readSketch>;
}
