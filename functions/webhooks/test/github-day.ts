import type { SeededRandom } from "@activity-events/testing/seeded-random";

/** A webhook of GitHub. */
export interface GithubWebhook {
  readonly eventName: string;
  readonly body: object;
}

const ends = ["success", "failure", "error", "inactive", undefined] as const;

/** Invents the webhooks of a day with so many deployments, in the order in which they happen. */
export function githubDay(deployments: number, chance: SeededRandom): GithubWebhook[] {
  const webhooks: { readonly ms: number; readonly webhook: GithubWebhook }[] = [];
  let statusId = 7_700_000_000;
  for (let index = 0; index < deployments; index += 1) {
    let ms = Date.parse("2026-11-20T00:00:00Z") + chance.between(0, 80_000_000);
    const environment = chance.pick(["staging", "production", "production/eu-west-1"]);
    const repository = { full_name: chance.pick(["acme/shop", "acme/Cart.js", "Umbrella/über-✨"]) };
    const deployment = {
      id: 3_100_000_000 + index,
      sha: index.toString(16).padStart(40, "0"),
      ref: chance.pick(["main", `v1.${index}.0+build`, "feature/größer-✨"]),
      task: "deploy",
      payload: chance.between(0, 1) === 0 ? {} : { ticket: index },
      environment,
      original_environment: environment,
      description: chance.between(0, 1) === 0 ? null : "Weekly",
      creator: { login: chance.pick(["mira", "deploy-bot[bot]"]) },
      created_at: timeText(ms),
    };
    webhooks.push({ ms, webhook: { eventName: "deployment", body: { action: "created", deployment, repository } } });
    for (const state of statesOf(chance)) {
      // Some follow within the same second.
      ms += chance.between(0, 3) * 1_000;
      statusId += 1;
      const status = {
        id: statusId,
        state,
        creator: { login: "deploy-bot[bot]" },
        description: chance.between(0, 1) === 0 ? "" : `${state}\r\nfor ${environment}`,
        environment,
        log_url: `https://ci.example/runs/${index}?x=a b`,
        created_at: timeText(ms),
      };
      const body = { action: "created", deployment_status: status, deployment, repository };
      webhooks.push({ ms, webhook: { eventName: "deployment_status", body } });
    }
  }
  return webhooks.sort((one, other) => one.ms - other.ms).map(({ webhook }) => webhook);
}

function statesOf(chance: SeededRandom): string[] {
  const begun = ["queued", "waiting", "pending", "in_progress"].filter(
    (state) => state === "queued" || chance.between(0, 9) < 7,
  );
  const end = chance.pick(ends);
  if (end === "inactive") return [...begun, "success", "inactive"];
  // Some are tried again.
  const again = end === "failure" && chance.between(0, 1) === 0 ? ["in_progress", "success"] : [];
  return end === undefined ? begun : [...begun, end, ...again];
}

function timeText(ms: number): string {
  return new Date(ms).toISOString().replace(".000Z", "Z");
}
