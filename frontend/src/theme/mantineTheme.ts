import { createTheme, localStorageColorSchemeManager, type MantineColorsTuple } from "@mantine/core";

// The accent colour: teal, which does not occur in the colour scale of strengths.
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

// For destructive actions; dark enough for white text.
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

// Neutral greys, so that only the charts have strong colours.
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
  // Descriptions below the inputs keep a row of inputs aligned.
  components: {
    // The lock writes a style element, which the content security policy forbids; styles.css has a rule instead.
    Modal: { defaultProps: { lockScroll: false } },
    InputWrapper: { defaultProps: { inputWrapperOrder: ["label", "input", "error", "description"] } },
  },
});

export const colorSchemeManager = localStorageColorSchemeManager({ key: "ridgeline-color-scheme" });
