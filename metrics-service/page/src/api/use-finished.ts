import { useEffect, useState } from "preact/hooks";
import type { Head } from "../live/head.ts";
import { listFinished } from "./list-deployments.ts";

/** Finished deployments, as far back as anything here looks. */
const headsMax = 300;

export type Finished =
  | { readonly kind: "loading" }
  | { readonly kind: "loaded"; readonly heads: readonly Head[] }
  | { readonly kind: "failed"; readonly reason: string };

/** Loads the finished deployments of a service in an environment, once, and again when `version` changes. */
export function useFinished(service: string, environment: string, version: string): Finished {
  const [finished, setFinished] = useState<Finished>({ kind: "loading" });
  useEffect(() => {
    if (service === "") return undefined;
    const leaving = new AbortController();
    listFinished({ service, environment, signal: leaving.signal, headsMax }).then(
      (heads) => setFinished({ kind: "loaded", heads }),
      (error: Error) => {
        if (!leaving.signal.aborted) setFinished({ kind: "failed", reason: error.message });
      },
    );
    return () => leaving.abort();
  }, [service, environment, version]);
  return finished;
}
