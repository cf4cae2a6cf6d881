import { Checkbox } from "@mantine/core";
import classes from "../form/form.module.css";
import { useFormContext } from "../form/formContext";
import type { Catalogue } from "../form/formValues";
import { ParameterFields } from "../form/ParameterFields";

/** The options of successive halving. */
export function HalvingFields({ catalogue }: { catalogue: Catalogue }) {
  const form = useFormContext();
  const { halving, epochs } = form.values;
  const toggle = (isOn: boolean) => {
    const isEmpty = halving.parameters.at === "";
    const at = isEmpty ? proposeEpochs(Number(epochs)) : halving.parameters.at;
    form.setFieldValue("halving", { isOn, parameters: { ...halving.parameters, at: at ?? "" } });
  };
  return (
    <div className={classes.stack}>
      <Checkbox
        id="halving"
        label="Stop the worst strengths early"
        description="Successive halving: of each regularizer only the best strengths go on after set epochs, ranked by the mean validation loss over seeds. The curves of the others end there."
        checked={halving.isOn}
        onChange={(event) => toggle(event.currentTarget.checked)}
        error={form.errors.halving}
      />
      {halving.isOn && (
        <div className={classes.indented}>
          <ParameterFields path="halving" parameters={catalogue.halving} />
        </div>
      )}
    </div>
  );
}

/** Proposes a quarter and a half of the epochs. */
function proposeEpochs(epochs: number): string {
  const at = [Math.round(epochs / 4), Math.round(epochs / 2)].filter((epoch) => epoch >= 1);
  return [...new Set(at)].join(", ");
}
