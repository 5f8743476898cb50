import { useCallback, useEffect, useState } from "preact/hooks";
import type { MetricsReport } from "../../../src/delivery/metrics-report.ts";
import { fetchJson } from "../api/fetch-json.ts";
import { useStatus } from "../live/use-status.ts";

/** Time between two looks while the view is visible. */
const intervalMs = 30_000;

export interface ReportQuery {
  readonly service: string;
  readonly environment: string;
  readonly days: number;
}

/** A report and, if the last look failed, why; the report is then the one before. */
export interface ReportState {
  readonly report: MetricsReport | undefined;
  readonly fault: string | undefined;
  readonly isLoading: boolean;
  /** Looks again at once. */
  readonly again: () => void;
}

interface Looked {
  readonly report?: MetricsReport;
  readonly fault?: string;
  /** Path that was last answered or refused. */
  readonly path?: string;
}

/**
 * Loads the report when the query changes, every 30 seconds, when the page comes back into view, and, after a fault, when
 * the service comes back.
 */
export function useReport({ service, environment, days }: ReportQuery): ReportState {
  const [looked, setLooked] = useState<Looked>({});
  const [looks, setLooks] = useState(0);
  const again = useCallback(() => setLooks((count) => count + 1), []);
  const path = `/api/metrics?${queryOf(service, environment, days)}`;
  useEffect(() => {
    const leaving = new AbortController();
    fetchJson<MetricsReport>(path, leaving.signal).then(
      (report) => setLooked({ report, path }),
      (error: Error) => {
        // A report of another query would stand under the wrong choice.
        if (!leaving.signal.aborted) {
          setLooked((before) => ({ ...(before.path === path ? before : {}), path, fault: error.message }));
        }
      },
    );
    return () => leaving.abort();
  }, [path, looks]);
  const isLive = useStatus().kind === "live";
  const { fault } = looked;
  // When the service comes back, not when the fault occurs.
  useEffect(() => {
    if (isLive && fault !== undefined) again();
  }, [isLive]);
  useEffect(() => {
    const look = () => {
      if (document.visibilityState === "visible") again();
    };
    const timer = setInterval(look, intervalMs);
    document.addEventListener("visibilitychange", look);
    return () => {
      clearInterval(timer);
      document.removeEventListener("visibilitychange", look);
    };
  }, [again]);
  return { report: looked.report, fault, isLoading: looked.path !== path, again };
}

function queryOf(service: string, environment: string, days: number): URLSearchParams {
  const query = new URLSearchParams({ days: `${days}` });
  if (service !== "") query.set("service", service);
  if (environment !== "") query.set("environment", environment);
  return query;
}
