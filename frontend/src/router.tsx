import type { QueryClient } from "@tanstack/react-query";
import {
  createRootRouteWithContext,
  createRoute,
  createRouter,
  lazyRouteComponent,
} from "@tanstack/react-router";
import { parseCompareSearch } from "./compare/search";
import { parseFormSearch } from "./create/page/search";
import { parseExperimentSearch } from "./experiment/search";
import { parseListSearch } from "./experiments/search";
import { ErrorFallback } from "./shell/ErrorFallback";
import { NotFound } from "./shell/NotFound";
import { Shell } from "./shell/Shell";

type Search = Record<string, unknown>;

// The router merges the parsed parameters into the raw ones: keys that were not parsed must be set to undefined.
function only<Known extends object>(parse: (search: Search) => Known): (search: Search) => Known {
  return (search) => {
    const blank = Object.fromEntries(Object.keys(search).map((key) => [key, undefined]));
    return { ...blank, ...parse(search) };
  };
}

const root = createRootRouteWithContext<{ queryClient: QueryClient }>()({
  component: Shell,
  notFoundComponent: () => <NotFound />,
  errorComponent: ErrorFallback,
});

const list = createRoute({
  getParentRoute: () => root,
  path: "/",
  validateSearch: only(parseListSearch),
  component: lazyRouteComponent(() => import("./experiments/ListPage"), "ListPage"),
});

const create = createRoute({
  getParentRoute: () => root,
  path: "/new",
  validateSearch: only(parseFormSearch),
  component: lazyRouteComponent(() => import("./create/page/FormPage"), "FormPage"),
});

const experiment = createRoute({
  getParentRoute: () => root,
  path: "/experiments/$id",
  validateSearch: only(parseExperimentSearch),
  component: lazyRouteComponent(() => import("./experiment/page/ExperimentPage"), "ExperimentPage"),
});

const compare = createRoute({
  getParentRoute: () => root,
  path: "/compare",
  validateSearch: only(parseCompareSearch),
  component: lazyRouteComponent(() => import("./compare/ComparePage"), "ComparePage"),
});

const system = createRoute({
  getParentRoute: () => root,
  path: "/system",
  component: lazyRouteComponent(() => import("./system/SystemPage"), "SystemPage"),
});

export function makeRouter(queryClient: QueryClient) {
  return createRouter({
    routeTree: root.addChildren([list, create, experiment, compare, system]),
    context: { queryClient },
    defaultPreload: "intent",
    scrollRestoration: true,
    defaultPendingMinMs: 0,
  });
}

declare module "@tanstack/react-router" {
  interface Register {
    router: ReturnType<typeof makeRouter>;
  }
}
