import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";
import { formatJson, writeCurl } from "./specJson";

const spec = {
  name: 'it\'s <b>"new"</b> & $HOME',
  dataset: { name: "digits", train_examples: 600, noise: undefined },
  regularizers: [{ name: "l1", strengths: { from: 1e-5, to: 0.01, count: 7, scale: "log" } }],
  seeds: [0, 1, 2],
};

test("the JSON is the spec, laid out within the panel", () => {
  const text = formatJson(spec);
  expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(spec)));
  expect(text).toContain('"from": 1e-5');
  expect(text).toContain('"seeds": [0, 1, 2]');
  expect(text.split("\n").every((line) => line.length <= 46)).toBe(true);
});

test("a long list fills its lines", () => {
  const strengths = Array.from({ length: 30 }, (_, index) => (index + 1) / 100);
  const text = formatJson({ regularizers: [{ name: "dropout", strengths }] });
  expect(JSON.parse(text).regularizers[0].strengths).toEqual(strengths);
  expect(text.split("\n").length).toBeLessThan(16);
  expect(text.split("\n").every((line) => line.length <= 46)).toBe(true);
});

test("a shell hands curl exactly the JSON, quotes and dollars too", () => {
  const command = writeCurl(formatJson(spec), "http://127.0.0.1:8000").replace(/^curl/, 'printf "%s\\0"');
  const words = execFileSync("sh", ["-c", command], { encoding: "utf8" }).split("\0");
  expect(JSON.parse(words[words.indexOf("-d") + 1] ?? "")).toEqual(JSON.parse(JSON.stringify(spec)));
});
