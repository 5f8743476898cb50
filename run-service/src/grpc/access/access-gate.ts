import { setTimeout as sleep } from "node:timers/promises";
import type { Access } from "@activity-events/access/access";
import type { Caller } from "@activity-events/access/caller";
import { type Credentials, CredentialsError, KeysAwayError } from "@activity-events/access/credentials";
import type { Logger } from "pino";
import { Refusal } from "../../application/refusal.ts";
import type { AdminToken } from "./admin-token.ts";
import { adminAccess, CallAccess, denied, openAccess, openAdminAccess } from "./call-access.ts";
import type { MethodPermission } from "./method-permissions.ts";
import { type ShareLimits, Shares } from "./shares.ts";

/** A call at the gate. */
export interface ArrivingCall {
  readonly method: string;
  readonly permission: MethodPermission;
  readonly isStream: boolean;
  readonly credentials: Credentials;
  /** Calls back when the call is over. */
  readonly onOver: (callback: () => void) => void;
}

/** An open call whose credentials are looked at again. */
interface OpenCall {
  readonly credentials: Credentials;
  readonly caller: Caller;
  readonly revoke: () => void;
}

/** Longest wait of a timer, in ms. */
const timerMsMax = 2 ** 31 - 1;

/** Time between two lines that an issuer's keys cannot be read, in ms. */
const keysAwayIntervalMs = 10_000;

/** Time before a call beyond its principal's share is refused, in ms, and the most calls that wait for that. */
const holdMs = 200;
const heldCallsMax = 1_000;

interface AccessGateOptions {
  /** Undefined: everybody may do everything, but what an admin may with the admin token alone. */
  readonly access: Access | undefined;
  readonly adminToken: AdminToken;
  /** Returns the shares of a principal. */
  readonly shareLimits: () => ShareLimits;
  readonly logger: Logger;
}

/** Lets calls in: tells who makes each, and whether they may call its method at all. The same for every method. */
export class AccessGate {
  readonly #shares: Shares;
  readonly #logger: Logger;
  readonly #adminToken: AdminToken;
  #access: Access | undefined;
  readonly #open = new Set<OpenCall>();
  /** Callers by the credentials of their connections. */
  #known = new WeakMap<Credentials, Caller>();
  #held = 0;
  #keysAwayMs = Number.NEGATIVE_INFINITY;

  constructor({ access, adminToken, shareLimits, logger }: AccessGateOptions) {
    this.#shares = new Shares(shareLimits);
    this.#access = access;
    this.#adminToken = adminToken;
    this.#logger = logger;
  }

  /** Puts other rules in force. Open streams of whom they permit something else end with goaway. */
  change(access: Access): void {
    this.#access = access;
    this.#known = new WeakMap();
    for (const call of this.#open) this.#judge(call, access);
  }

  /** Returns what a call may do; as a promise where its token must be verified first. Throws a Refusal. */
  admit(call: ArrivingCall): CallAccess | Promise<CallAccess> {
    const access = this.#access;
    if (call.permission === "anybody") return openAccess;
    if (access === undefined) return this.#admitOpenly(call);
    const known = this.#known.get(call.credentials);
    if (known !== undefined && Date.now() < known.expiresMs) return this.#accept(call, known);
    try {
      const caller = access.authenticate(call.credentials);
      if (!(caller instanceof Promise)) return this.#accept(call, this.#keep(call, caller));
      return caller.then(
        // The rules may have changed meanwhile.
        (found) => (this.#access === access ? this.#accept(call, this.#keep(call, found)) : this.admit(call)),
        (error) => {
          throw this.#refusalOf(error, call);
        },
      );
    } catch (error) {
      throw this.#refusalOf(error, call);
    }
  }

  #admitOpenly(call: ArrivingCall): CallAccess {
    const { credentials, permission } = call;
    if (permission !== "admin") return this.#adminToken.isIn(credentials) ? openAdminAccess : openAccess;
    try {
      this.#adminToken.demand(credentials);
    } catch (error) {
      throw this.#refusalOf(error, call);
    }
    return adminAccess;
  }

  #keep({ credentials }: ArrivingCall, caller: Caller): Caller {
    this.#known.set(credentials, caller);
    return caller;
  }

  #accept(call: ArrivingCall, caller: Caller): CallAccess | Promise<CallAccess> {
    const { method, permission } = call;
    if (permission !== "anybody" && !caller.mayAnywhere(permission)) {
      this.#logger.warn({ code: "ACCESS_DENIED", method, principal: caller.principal, permission }, "denied");
      throw denied(permission, undefined);
    }
    const exhausted = this.#shares.take(caller.principal, call);
    if (exhausted !== undefined) return this.#hold(exhausted);
    const revoked = call.isStream ? this.#watch(call, caller) : openAccess.revoked;
    const { principal } = caller;
    return new CallAccess({
      caller,
      revoked,
      pace: () => this.#shares.pace(principal),
      onDenied: ({ permission, deploymentId: deployment }) =>
        this.#logger.warn({ code: "ACCESS_DENIED", method, principal, permission, deployment }, "denied"),
    });
  }

  /** Refuses a call after a while: callers who come back at once would take more of the service by refusals than by calls. */
  async #hold(exhausted: Refusal): Promise<never> {
    if (this.#held >= heldCallsMax) throw exhausted;
    this.#held += 1;
    await sleep(holdMs, undefined, { ref: false });
    this.#held -= 1;
    throw exhausted;
  }

  #watch({ credentials, onOver }: ArrivingCall, caller: Caller): AbortSignal {
    const abort = new AbortController();
    const open: OpenCall = { credentials, caller, revoke: () => abort.abort() };
    this.#open.add(open);
    const lastsMs = caller.expiresMs - Date.now();
    const timer = lastsMs <= timerMsMax ? setTimeout(open.revoke, Math.max(0, lastsMs)).unref() : undefined;
    onOver(() => {
      this.#open.delete(open);
      clearTimeout(timer);
    });
    return abort.signal;
  }

  async #judge({ credentials, caller, revoke }: OpenCall, access: Access): Promise<void> {
    try {
      const now = await access.authenticate(credentials);
      if (!now.isLike(caller)) revoke();
    } catch {
      revoke();
    }
  }

  /** Once in a while: whoever calls without a right can make any number of these. */
  #tellKeysAway(method: string, { cause }: KeysAwayError): void {
    const nowMs = performance.now();
    if (nowMs - this.#keysAwayMs < keysAwayIntervalMs) return;
    this.#keysAwayMs = nowMs;
    this.#logger.error({ code: "ACCESS_KEYS_AWAY", method, err: cause }, "cannot read the keys of an issuer");
  }

  #refusalOf(error: unknown, { method }: ArrivingCall): unknown {
    if (error instanceof CredentialsError) {
      const { fault, message } = error;
      this.#logger.warn({ code: "ACCESS_UNAUTHENTICATED", method, fault }, "not authenticated");
      if (fault === "missing") return new Refusal("CREDENTIALS_MISSING", message);
      return new Refusal("CREDENTIALS_INVALID", message, { metadata: { fault } });
    }
    if (error instanceof KeysAwayError) {
      this.#tellKeysAway(method, error);
      return new Refusal("KEYS_UNAVAILABLE", error.message, { retryDelayMs: 5_000 });
    }
    return error;
  }
}
