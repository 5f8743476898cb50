import { useStatus } from "../live/use-status.ts";

/** Takes the place of what is still to come. */
export function Loading({ what }: { readonly what: string }) {
  const status = useStatus();
  return (
    <p class="loading">{status.kind === "away" ? `Waiting for the service to load ${what}.` : `Loading ${what} …`}</p>
  );
}
