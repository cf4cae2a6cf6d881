import {
  type ConvertCSSVariablesInput,
  convertCssVariables,
  DEFAULT_THEME,
  defaultCssVariablesResolver,
  type MantineThemeOverride,
  mergeMantineTheme,
} from "@mantine/core";

type Variables = Record<string, string>;

/**
 * Sets the CSS variables of the theme that differ from Mantine's defaults. Mantine itself would write a style element,
 * which the content security policy forbids; a constructed style sheet is allowed.
 */
export function installTheme(theme: MantineThemeOverride): void {
  const own = defaultCssVariablesResolver(mergeMantineTheme(DEFAULT_THEME, theme));
  const usual = defaultCssVariablesResolver(DEFAULT_THEME);
  const changed: ConvertCSSVariablesInput = {
    variables: listChanged(own.variables, usual.variables),
    light: listChanged(own.light, usual.light),
    dark: listChanged(own.dark, usual.dark),
  };
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(convertCssVariables(changed, ":root"));
  document.adoptedStyleSheets.push(sheet);
}

function listChanged(own: Variables, usual: Variables): Variables {
  return Object.fromEntries(Object.entries(own).filter(([name, value]) => usual[name] !== value));
}
