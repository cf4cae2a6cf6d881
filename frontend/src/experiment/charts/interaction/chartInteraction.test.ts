import { describe, expect, it } from "vitest";
import { ChartInteraction, cellClass } from "./chartInteraction";

it("no name of a regularizer leaves the class that it becomes", () => {
  expect(cellClass({ regularizer: "elastic_net(mixing=0.5)", strength: 1e-3 })).toMatch(/^[\w-]+$/);
  expect(cellClass({ regularizer: "a} *{", strength: 0 })).toMatch(/^[\w-]+$/);
});

describe("the interaction", () => {
  it("zooms all charts along x, and one metric's along y; to show all is to show all of every chart", () => {
    const interaction = new ChartInteraction();
    interaction.zoomTo([1, 5], "train_loss", [0, 1]);
    interaction.zoomTo(null, "validation_loss", [2, 3]);
    expect(interaction.getZoom()).toEqual({ x: [1, 5], y: { train_loss: [0, 1], validation_loss: [2, 3] } });
    interaction.setZoom();
    expect(interaction.getZoom()).toEqual({ x: null, y: {} });
  });

  it("writes strengths as their colour bar does", () => {
    const interaction = new ChartInteraction();
    const tick = { strength: 0.00100001, label: "1.00001·10⁻³", position: 0, colour: "#000", major: true };
    interaction.setStrengthLabels([
      {
        regularizer: "l1",
        symbol: "λ",
        kind: "log",
        stops: [],
        start: 0,
        ticks: [tick],
        smaller_is_stronger: false,
      },
      null,
    ]);
    expect(interaction.labelLine("l1", 0.00100001)).toBe("λ = 1.00001·10⁻³");
    expect(interaction.labelLine("l2", 0.001)).toBe("λ = 10⁻³");
    expect(interaction.labelLine("none", 0)).toBe("Baseline");
  });
});
