import type { MirrorEvent } from "@activity-events/event-store";

/** Event, damage or gap at one sequence of a deployment. */
export type Place = MirrorEvent | { readonly kind: "missing"; readonly sequence: number };

interface NextPlacesOptions {
  /** Last mirrored sequence. */
  readonly afterSequence: number;
  /** Result of the query for later events. */
  readonly page: readonly MirrorEvent[];
  /** Head sequence read before the query; 0 if not read. */
  readonly headSequence: number;
  readonly placesMax: number;
}

export interface NextPlaces {
  /** Places without a gap, from the sequence after `afterSequence` on. */
  readonly places: readonly Place[];
  /** Documents whose sequence is not an integer or belongs to an earlier document. */
  readonly outOfPlace: readonly MirrorEvent[];
}

/**
 * Determines the places at the next sequences, as far as they are known. A sequence is missing only if the query lacks
 * it although the head had reached it before. A full page may have been cut, so nothing after its last event counts as
 * missing.
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

/** Returns the sequence of a place. */
export function sequenceOf(place: Place): number {
  return place.kind === "event" ? place.event.sequence : place.sequence;
}
