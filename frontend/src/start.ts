// Runs in the page's head before anything is painted, as a classic script: a file of its own, since the content
// security policy allows no script within the document. plugins/start.ts gives it its name and the files that it names.

/** The theme before the first paint: a page that flashes white in the dark hurts. */
function chooseTheme(): void {
  let chosen: string | null = null;
  try {
    chosen = localStorage.getItem("ridgeline-color-scheme");
  } catch {
    // Storage may be forbidden; then the system decides.
  }
  const prefersDark = matchMedia("(prefers-color-scheme: dark)").matches;
  const isDark = chosen === "dark" || (chosen !== "light" && prefersDark);
  document.documentElement.dataset.mantineColorScheme = isDark ? "dark" : "light";
}

/** Who asks is known before the page is drawn: it shows either itself or the login. */
function askSession(): void {
  window.early = { "/api/session": fetch("/api/session") };
}

/** An experiment's charts need plotly.js and their figures: both are asked for before the first module runs. */
function askEarly(): void {
  const found = /^\/experiments\/(\d+)\/?$/.exec(location.pathname);
  if (found === null) return;
  const own = document.currentScript?.dataset ?? {};
  if (own.plotly) loadPlotly(own.plotly);
  const path = `/api/experiments/${found[1]}`;
  const early = window.early ?? {};
  early[path] = fetch(path);
  if (location.search === "") early[`${path}/figures/curves`] = fetch(`${path}/figures/curves`);
  for (const file of own.files?.split(" ") ?? []) preload(file);
}

function loadPlotly(address: string): void {
  const script = document.createElement("script");
  script.src = address;
  script.async = true;
  script.dataset.name = "plotly";
  // The largest file, and the charts wait for it: a script that a script adds would come last otherwise.
  script.fetchPriority = "high";
  // A script that failed must not be waited for: the page asks for it anew.
  script.addEventListener("error", () => script.remove());
  document.head.append(script);
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
