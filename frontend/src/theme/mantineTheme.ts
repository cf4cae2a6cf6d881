import { createTheme, localStorageColorSchemeManager, type MantineColorsTuple } from "@mantine/core";

// The one accent. Teal, because the λ scale runs from blue over magenta to orange and nothing else may look like it.
const teal: MantineColorsTuple = [
  "#e9f8f5",
  "#d5efe9",
  "#a9ded3",
  "#79ccbb",
  "#4fbba6",
  "#2fa38e",
  "#17877a",
  "#0f7468",
  "#0c6057",
  "#074c45",
];

// For what cannot be undone. Dark enough for white words.
const red: MantineColorsTuple = [
  "#fcedeb",
  "#f8d9d6",
  "#efb0ab",
  "#e5857d",
  "#dc6057",
  "#d24a40",
  "#c2362c",
  "#b3261e",
  "#8f1d17",
  "#6e1511",
];

// A warm-neutral dark: the charts' own colours are the only strong ones on the page.
const dark: MantineColorsTuple = [
  "#dcdfe4",
  "#b4bac4",
  "#949ba8",
  "#6a7280",
  "#454c58",
  "#333945",
  "#262b35",
  "#1b1f27",
  "#14171d",
  "#0e1015",
];

export const theme = createTheme({
  primaryColor: "teal",
  primaryShade: 7,
  autoContrast: true,
  luminanceThreshold: 0.36,
  colors: { teal, red, dark },
  fontFamily:
    'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Helvetica Neue", Arial, sans-serif',
  fontFamilyMonospace:
    'ui-monospace, "SF Mono", "Cascadia Code", "JetBrains Mono", Menlo, Consolas, monospace',
  headings: { fontWeight: "650" },
  defaultRadius: "md",
  cursorType: "pointer",
  respectReducedMotion: true,
  // Helps are of different lengths: below the inputs, they leave a row of inputs in one line.
  components: {
    // Its lock is a style element, which the content security policy does not allow; styles.css has a rule instead.
    Modal: { defaultProps: { lockScroll: false } },
    InputWrapper: { defaultProps: { inputWrapperOrder: ["label", "input", "error", "description"] } },
  },
});

export const colorSchemeManager = localStorageColorSchemeManager({ key: "ridgeline-color-scheme" });
