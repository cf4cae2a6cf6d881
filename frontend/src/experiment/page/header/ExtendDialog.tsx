import { Button, Group, Modal, NumberInput, Stack, Text, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import type { Extension } from "../../../api/actions";
import { ApiError, describeError } from "../../../api/client";
import { placeErrors } from "../../../api/fieldErrors";
import { Notice } from "../../../shell/Notice";
import { parseNumbers } from "../../../text/parseNumbers";
import { labelRegularizer } from "../../../text/regularizers";
import { useExperimentActions } from "../../live/useExperimentActions";
import type { Experiment } from "../../types";

interface Props {
  experiment: Experiment;
  onClose: () => void;
}

/** Asks for more strengths, seeds or epochs; the API validates them. */
export function ExtendDialog({ experiment, onClose }: Props) {
  const keys = experiment.regularizers.filter((key) => key !== "none");
  const [strengths, setStrengths] = useState<Record<string, string>>({});
  const [seeds, setSeeds] = useState<number | string>("");
  const [epochs, setEpochs] = useState<number | string>("");
  const extend = useExperimentActions(experiment.id);
  const fields = [...keys.map((key) => `strengths.${key}`), "seeds", "epochs"];
  const details = extend.error instanceof ApiError ? extend.error.details : [];
  const errors = placeErrors(details, fields);
  const known = experiment.spec.seeds;
  const { split } = experiment.spec.dataset;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    extend.mutate(writeExtension(strengths, seeds, epochs), { onSuccess: onClose });
  };
  return (
    <Modal
      opened
      onClose={onClose}
      title="Extend this experiment"
      closeButtonProps={{ "aria-label": "Close" }}
    >
      <form onSubmit={submit} noValidate>
        <Stack gap="sm">
          <Text size="sm">
            Only what is missing is trained; what is measured already stays as it is.
            {split?.name === "folds" && ` Each seed trains all ${split.k} folds.`}
          </Text>
          {keys.map((key, index) => (
            <TextInput
              key={key}
              label={`More strengths of ${labelRegularizer(key)}`}
              placeholder="Separated by commas, such as 0.01, 3e-4"
              value={strengths[key] ?? ""}
              onChange={(event) => setStrengths({ ...strengths, [key]: event.currentTarget.value })}
              error={errors[`strengths.${key}`]}
              autoComplete="off"
              data-autofocus={index === 0 || undefined}
            />
          ))}
          <Group grow align="flex-start">
            <NumberInput
              label="Seeds in all"
              placeholder={`now ${Array.isArray(known) ? known.length : known}`}
              value={seeds}
              onChange={setSeeds}
              error={errors.seeds}
              allowDecimal={false}
            />
            <NumberInput
              label="Epochs in all"
              placeholder={`now ${experiment.spec.epochs}`}
              value={epochs}
              onChange={setEpochs}
              error={errors.epochs}
              allowDecimal={false}
            />
          </Group>
          {extend.error && (details.length === 0 || errors[""]) && (
            <Notice title="That did not work">{errors[""] ?? describeError(extend.error)}</Notice>
          )}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              Leave it
            </Button>
            <Button type="submit" loading={extend.isPending}>
              Extend
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}

/** The typed values as a request; text that is no number is sent too, for the API's error message. */
function writeExtension(
  strengths: Record<string, string>,
  seeds: number | string,
  epochs: number | string,
): Extension {
  const lists = Object.entries(strengths).map(([key, text]) => [key, parseNumbers(text)] as const);
  return {
    strengths: Object.fromEntries(lists.filter(([, list]) => list.length > 0)) as Record<string, number[]>,
    ...(seeds === "" ? {} : { seeds: seeds as number }),
    ...(epochs === "" ? {} : { epochs: epochs as number }),
  };
}
