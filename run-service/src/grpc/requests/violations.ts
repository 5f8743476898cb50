import { Severity } from "@activity-events/proto/activityevents/v1/event_pb.js";
import { Refusal, type Violation } from "../../application/refusal.ts";
import { limits } from "../../limits.ts";
import { cutText } from "../errors/cut-text.ts";

/** Collects the violations of a request, so that one answer names every invalid field. */
export class Violations {
  readonly #found: Violation[] = [];

  add(field: string, description: string): void {
    this.#found.push({ field, description });
  }

  /** Formats a value for a description: quoted, escaped and truncated. */
  show(value: string): string {
    const shown = cutText(value, limits.shownTextBytesMax);
    return shown.length < value.length ? `${JSON.stringify(shown)}…` : JSON.stringify(shown);
  }

  checkBytes(field: string, text: string, bytesMax: number): void {
    // A string has at most three UTF-8 bytes per unit.
    if (text.length * 3 <= bytesMax) return;
    const bytes = Buffer.byteLength(text);
    if (bytes > bytesMax) this.add(field, `must be at most ${bytesMax} bytes; found ${bytes}`);
  }

  checkSeverity(field: string, severity: Severity): void {
    if (Severity[severity] === undefined) this.add(field, `must be a Severity of the contract; found ${severity}`);
  }

  checkSequence(field: string, sequence: bigint): void {
    if (sequence < 0n) this.add(field, `must be 0 or greater; found ${sequence}`);
  }

  checkLabels(field: string, labels: Readonly<Record<string, string>>): void {
    const entries = Object.entries(labels);
    if (entries.length > limits.labelsMax) {
      this.add(field, `must be at most ${limits.labelsMax} labels; found ${entries.length}`);
      return;
    }
    for (const [key, value] of entries) {
      if (key === "") this.add(field, "must have no empty key");
      this.checkBytes(`${field} key ${this.show(key)}`, key, limits.stringBytesMax);
      this.checkBytes(`${field}[${this.show(key)}]`, value, limits.uriBytesMax);
    }
  }

  /** Throws the refusal if there are violations. */
  throwIfAny(): void {
    if (this.#found.length > 0) throw this.refusal();
  }

  /** Makes the refusal with all violations. */
  refusal(): Refusal {
    const [first] = this.#found;
    const others = this.#found.length > 1 ? `, and ${this.#found.length - 1} more` : "";
    return new Refusal("REQUEST_INVALID", `${first?.field}: ${first?.description}${others}`, {
      violations: this.#found,
    });
  }
}
