import { countNoun } from "../format";
import { ChoiceCards } from "./ChoiceCards";
import { type Catalogue, choose } from "./draft";
import { useDraft } from "./fields";
import { ParameterFields } from "./ParameterFields";
import { Section } from "./Section";

export function NetworkSection({ catalogue, weights }: { catalogue: Catalogue; weights: number | null }) {
  const form = useDraft();
  const { network, dataset } = form.values;
  const entry = catalogue.networks.find((candidate) => candidate.name === network.name);
  const shape = catalogue.datasets.find((candidate) => candidate.name === dataset.name)?.shape ?? [];
  const hasImages = shape.length === 3;
  return (
    <Section title="Network" aside={weights === null ? undefined : countNoun(weights, "weight")}>
      <ChoiceCards
        legend="Network"
        path="network.name"
        options={catalogue.networks.map((option) => ({
          name: option.name,
          label: option.label,
          detail: option.help,
          refusal: option.images_only && !hasImages ? "Needs a data set of images" : undefined,
        }))}
        value={network.name}
        onChange={(name) => {
          const chosen = catalogue.networks.find((candidate) => candidate.name === name);
          if (chosen) form.setFieldValue("network", choose(chosen));
        }}
        error={form.errors["network.name"]}
      />
      <ParameterFields path="network" parameters={entry?.parameters ?? []} />
    </Section>
  );
}
