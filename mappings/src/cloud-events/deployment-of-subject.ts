import { idOfParts } from "@activity-events/client";

const identifier = /^[A-Za-z0-9-][A-Za-z0-9._~:-]{0,127}$/;

/** The id of what a CloudEvent's subject names: the subject itself where it is an id, such as one that this project made. */
export function idOfSubject(subject: string): string {
  return identifier.test(subject) ? subject : idOfParts([subject]);
}
