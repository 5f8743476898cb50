import type { MirrorEvent } from "@activity-events/event-store";

/** What stands at one sequence of a deployment. */
export type Place = MirrorEvent | { readonly kind: "missing"; readonly sequence: number };

interface NextPlacesOptions {
  /** The sequence that is mirrored already. */
  readonly afterSequence: number;
  /** What a query for the events after it gave. */
  readonly page: readonly MirrorEvent[];
  /** The head sequence as it was read before that query; 0: it was not. */
  readonly headSequence: number;
  readonly placesMax: number;
}

export interface NextPlaces {
  /** Without a gap, from the sequence after `afterSequence` on. */
  readonly places: readonly Place[];
  /** Documents whose sequence is no whole number, or taken by one before them. */
  readonly outOfPlace: readonly MirrorEvent[];
}

/**
 * Finds what stands at the next sequences, as far as one can tell: a sequence is missing only when the query lacks it
 * although the head had reached it before. A page ends where it was full, so behind its last event nothing is missing yet.
 */
export function nextPlaces({ afterSequence, page, headSequence, placesMax }: NextPlacesOptions): NextPlaces {
  const places: Place[] = [];
  const outOfPlace: MirrorEvent[] = [];
  let next = afterSequence + 1;
  const passOverMissing = (end: number) => {
    for (; next <= end && next <= headSequence && places.length < placesMax; next += 1) {
      places.push({ kind: "missing", sequence: next });
    }
  };

  for (const event of page) {
    const sequence = sequenceOf(event);
    if (!Number.isSafeInteger(sequence) || sequence < next) {
      outOfPlace.push(event);
      continue;
    }
    passOverMissing(sequence - 1);
    if (sequence !== next || places.length >= placesMax) break;
    places.push(event);
    next += 1;
  }
  if (outOfPlace.length === page.length) passOverMissing(headSequence);
  return { places, outOfPlace };
}

/** The sequence at which something stands. */
export function sequenceOf(place: Place): number {
  return place.kind === "event" ? place.event.sequence : place.sequence;
}
