// Runs as a classic script in the page's head, before the first paint. A file of its own, because the content security
// policy forbids inline scripts; plugins/start.ts adds its hash and the list of files to preload.

/** Sets the colour scheme before the first paint. */
function chooseTheme(): void {
  let chosen: string | null = null;
  try {
    chosen = localStorage.getItem("ridgeline-color-scheme");
  } catch {
    // Storage may be forbidden; then the system's scheme is used.
  }
  const prefersDark = matchMedia("(prefers-color-scheme: dark)").matches;
  const isDark = chosen === "dark" || (chosen !== "light" && prefersDark);
  document.documentElement.dataset.mantineColorScheme = isDark ? "dark" : "light";
}

/** Requests the session, which decides between the page and the login. */
function askSession(): void {
  window.early = { "/api/session": fetch("/api/session") };
}

/** Requests plotly.js and the figures of an experiment's page before the first module runs. */
function askEarly(): void {
  const found = /^\/experiments\/(\d+)\/?$/.exec(location.pathname);
  if (found === null) return;
  const script = document.createElement("script");
  script.src = "/plotly.js";
  script.async = true;
  script.dataset.plotly = "";
  // Removed, so that the page does not wait for it and loads it again.
  script.addEventListener("error", () => script.remove());
  document.head.append(script);
  const path = `/api/experiments/${found[1]}`;
  const early = window.early ?? {};
  early[path] = fetch(path);
  if (location.search === "") early[`${path}/figures/curves`] = fetch(`${path}/figures/curves`);
  for (const file of document.currentScript?.dataset.files?.split(" ") ?? []) preload(file);
}

function preload(file: string): void {
  const link = document.createElement("link");
  const isStyle = file.endsWith(".css");
  link.rel = isStyle ? "preload" : "modulepreload";
  link.as = isStyle ? "style" : "script";
  link.href = file;
  link.crossOrigin = "";
  document.head.append(link);
}

chooseTheme();
askSession();
askEarly();
