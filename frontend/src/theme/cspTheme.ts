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
 * Mantine's variables as far as the theme differs from its style sheet's. Mantine would write them into a style element,
 * which the content security policy does not allow; a constructed sheet is no part of the document and is allowed.
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
