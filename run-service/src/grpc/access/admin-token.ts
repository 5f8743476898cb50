import { createHash, timingSafeEqual } from "node:crypto";
import { bearerIn } from "@activity-events/access/bearer";
import { type Credentials, CredentialsError } from "@activity-events/access/credentials";
import { Refusal } from "../../application/refusal.ts";

/** The token that admin calls bring where there is no access file. */
export class AdminToken {
  readonly #digest: Buffer | undefined;
  readonly #instead: string;

  /** `token` is undefined where there is none; admin calls are then refused with `instead`, which says what to do. */
  constructor(token: string | undefined, instead = "") {
    this.#digest = token === undefined ? undefined : digestOf(token);
    this.#instead = instead;
  }

  /** Tells whether a call brings the token. Whatever else it brings is ignored. */
  isIn({ authorization }: Credentials): boolean {
    if (authorization.length === 0 || this.#digest === undefined) return false;
    try {
      return this.#isToken(bearerIn(authorization));
    } catch {
      return false;
    }
  }

  /** Throws a CredentialsError if an admin call does not bring the token; a Refusal where there is none. */
  demand({ authorization }: Credentials): void {
    if (this.#digest === undefined) {
      throw new Refusal("PERMISSION_DENIED", this.#instead, { metadata: { permission: "admin" } });
    }
    const token = bearerIn(authorization);
    if (token === undefined) {
      throw new CredentialsError(
        "missing",
        "admin calls need the token of the file admin-token in DATA_DIR, or ACCESS_FILE",
      );
    }
    if (!this.#isToken(token)) {
      throw new CredentialsError("invalid", "the token is not that of the file admin-token in DATA_DIR");
    }
  }

  #isToken(token: string | undefined): boolean {
    // Digests have one length, so that the comparison takes one time.
    return token !== undefined && this.#digest !== undefined && timingSafeEqual(digestOf(token), this.#digest);
  }
}

function digestOf(token: string): Buffer {
  return createHash("sha256").update(token).digest();
}
