import { Select } from "@mantine/core";
import { countNoun } from "../../text/numbers";
import { ChoiceCards } from "../form/ChoiceCards";
import { FormSection } from "../form/FormSection";
import { useFormContext } from "../form/formContext";
import { type Catalogue, chooseNetwork } from "../form/formValues";
import { ParameterFields } from "../form/ParameterFields";
import { hasImages } from "../form/toSpec";

export function NetworkSection({ catalogue, weights }: { catalogue: Catalogue; weights: number | null }) {
  const form = useFormContext();
  const { network } = form.values;
  const entry = catalogue.networks.find((candidate) => candidate.name === network.name);
  const models = entry?.models ?? [];
  const isImages = hasImages(form.values, catalogue);
  return (
    <FormSection title="Network" aside={weights === null ? undefined : countNoun(weights, "weight")}>
      <ChoiceCards
        legend="Network"
        path="network.name"
        options={catalogue.networks.map((option) => ({
          name: option.name,
          label: option.label,
          detail: option.help,
          refusal: option.images_only && !isImages ? "Needs a data set of images" : undefined,
        }))}
        value={network.name}
        onChange={(name) => form.setFieldValue("network", chooseNetwork(catalogue.networks, { name }))}
        error={form.errors["network.name"]}
      />
      {models.length > 0 && (
        <Select
          label="Model"
          description={`One of ${countNoun(models.length, "classification network")}, trained from scratch.`}
          searchable
          allowDeselect={false}
          nothingFoundMessage="No such model"
          maxDropdownHeight={280}
          data={models}
          value={network.model}
          onChange={(model) => model !== null && form.setFieldValue("network.model", model)}
          maw={380}
        />
      )}
      <ParameterFields path="network" parameters={entry?.parameters ?? []} />
    </FormSection>
  );
}
