import { EventText } from "../text/event-text.tsx";

/** Says why the server ended what a view follows; nothing while it goes on. */
export function Ended({ reason }: { readonly reason: string | undefined }) {
  if (reason === undefined) return null;
  return (
    <div class="banner banner-failure">
      <p>
        <strong>No longer live.</strong> <EventText text={reason} />
      </p>
    </div>
  );
}
