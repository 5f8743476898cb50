import type { Proof } from "../access/bench-access.ts";
import { besideAFlood } from "../access/beside-a-flood.ts";
import { decisionCost } from "../access/decision-cost.ts";
import { keptTokens } from "../access/kept-tokens.ts";
import type { Contender, Group } from "../contender.ts";
import { eventsPerSecond, loadContender } from "../load-contender.ts";
import { startActivityService } from "../servers/activity-service.ts";
import { startGuardedService } from "../servers/guarded-service.ts";

const proofs: readonly (readonly [proof: Proof | "none", title: string])[] = [
  ["none", "without an access file"],
  ["static", "with a static token"],
  ["RS256", "with an issuer's token, RS256"],
  ["ES256", "with an issuer's token, ES256"],
];

/** Calls with and without an access file. */
export function access(): Group {
  return {
    name: "access",
    title: "What access costs",
    contenders: [
      ...proofs.map(([proof, title]) => creating(proof, title)),
      ...proofs.map(([proof, title]) => ingesting(proof, title)),
      decisionCost({ key: "access/seen-static", title: "telling who brings a static token", proof: "static" }),
      decisionCost({ key: "access/seen-RS256", title: "telling who brings a seen token, RS256", proof: "RS256" }),
      decisionCost({ key: "access/cloud-run", title: "telling who brings a token of Cloud Run's", proof: "cloud-run" }),
      keptTokens({ key: "access/kept", title: "memory of 10,000 seen tokens, ES256, each", tokens: 10_000 }),
    ],
  };
}

/** A producer beside another principal that floods the service. */
export function fairShares(): Group {
  const callsPerSecond = 200;
  return {
    name: "fair-shares",
    title: "CreateEvent of a producer, 140 a second, 1 in flight",
    contenders: [
      besideAFlood({ key: "fair-shares/alone", title: "alone", isFlooded: false, callsPerSecond }),
      besideAFlood({
        key: "fair-shares/share",
        title: `beside a flood of 128 in flight, PRINCIPAL_CALLS_PER_SECOND=${callsPerSecond}`,
        isFlooded: true,
        callsPerSecond,
      }),
      besideAFlood({
        key: "fair-shares/no-share",
        title: "beside a flood of 128 in flight, no limit",
        isFlooded: true,
      }),
    ],
  };
}

function creating(proof: Proof | "none", title: string): Contender {
  return loadContender({
    rows: eventsPerSecond(`access/create-${proof}`, `CreateEvent, 128 in flight, ${title}`),
    start: (scratch) => (proof === "none" ? startActivityService(scratch) : startGuardedService(scratch, { proof })),
    load: "create-event",
    options: { inFlight: 128, deployments: 1_000 },
  });
}

function ingesting(proof: Proof | "none", title: string): Contender {
  return loadContender({
    rows: eventsPerSecond(`access/ingest-${proof}`, `IngestEvents over 1,000 deployments, ${title}`),
    start: (scratch) => (proof === "none" ? startActivityService(scratch) : startGuardedService(scratch, { proof })),
    load: "ingest-events",
    options: { inFlight: 1, deployments: 1_000 },
  });
}
