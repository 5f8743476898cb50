import { execFile } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";
import { ActivityEventsClient, DeploymentState, idOfParts, Outcome } from "@activity-events/client";
import { validateManifests } from "@activity-events/testing/render-chart";
import { cleanUp, startService } from "@activity-events/testing/running-service";
import { temporaryFolder } from "@activity-events/testing/temporary-folder";
import { afterEach, expect, test } from "@jest/globals";
import { parse } from "yaml";
import { recipeBlocks } from "./recipe-blocks.ts";

const root = join(import.meta.dirname, "..");
const token = "a-token-of-the-test";

afterEach(cleanUp);

/** The ConfigMap of the recipe. */
function configMap(): { readonly data: Readonly<Record<string, string>> } {
  return parse(recipeBlocks("argo-cd", "yaml")[1] ?? "");
}

/** Renders the body of a notification with helm, which has the functions of sprig as Argo CD has. */
async function renderBody(values: object): Promise<string> {
  const { path } = temporaryFolder();
  const template = parse(configMap().data["template.activity"] ?? "").webhook.activity.body;
  mkdirSync(join(path, "templates"));
  writeFileSync(join(path, "Chart.yaml"), "apiVersion: v2\nname: body\nversion: 1.0.0\n");
  writeFileSync(join(path, "templates", "body.yaml"), `{{ with .Values }}${template}{{ end }}`);
  writeFileSync(join(path, "values.yaml"), JSON.stringify(values));
  const PATH = [process.env.PATH, join(homedir(), "go", "bin")].join(delimiter);
  const { stdout } = await promisify(execFile)("helm", ["template", "body", path], { env: { ...process.env, PATH } });
  return stdout.replace(/^---\n# Source: .*\n/, "");
}

test("the objects of the recipe for Argo CD are Kubernetes'", () => {
  using folder = temporaryFolder();
  const blocks = recipeBlocks("argo-cd", "yaml");
  for (const [index, block] of blocks.entries()) writeFileSync(join(folder.path, `${index}.yaml`), block);

  const { isValid, output } = validateManifests(folder.path);

  expect(blocks).toHaveLength(2);
  expect([isValid, output]).toEqual([true, expect.stringContaining("OK")]);
});

test("the recipe for Argo CD has the template of docs/webhooks.md", () => {
  const page = readFileSync(join(root, "docs", "webhooks.md"), "utf8");
  const [, block = ""] = /```yaml\n(service[.]webhook[.]activity: .*?)```/s.exec(page) ?? [];

  expect(configMap().data).toEqual(parse(block));
});

test.each([{ environment: "production" }, undefined])(
  "what the recipe has Argo CD send is recorded, of an application with the labels %j",
  async (labels) => {
    const dataDir = temporaryFolder().path;
    const { address } = await startService({ dataDir });
    const program = join(root, "functions", "webhooks", "src", "main.ts");
    const environment = { ACTIVITY_ADDRESS: address, WEBHOOKS_PORT: "0", WEBHOOKS_TOKEN: token };
    const webhooks = await startService({ dataDir, program, environment });
    const { data } = configMap();
    const { path, method } = parse(data["template.activity"] ?? "").webhook.activity;
    const { headers } = parse(data["service.webhook.activity"] ?? "");

    const body = await renderBody({
      app: {
        metadata: { name: "shop", namespace: "argocd", labels },
        spec: { project: "default", destination: { namespace: "shop-prod" } },
        status: {
          operationState: {
            phase: "Succeeded",
            startedAt: "2026-11-28T10:00:00Z",
            finishedAt: "2026-11-28T10:02:13Z",
            message: 'synced "all" <of it>',
            syncResult: { revision: "aa11" },
          },
        },
      },
      context: { argocdUrl: "https://argocd.example" },
    });
    const answer = await fetch(`http://${webhooks.address}${path}`, {
      method,
      headers: headers.map(({ name, value }: { name: string; value: string }) => [
        name,
        value.replace("$activity-token", token),
      ]),
      body,
    });

    expect(answer.status).toBe(201);
    const client = new ActivityEventsClient({ address, tls: false });
    const { items } = await client.readDeployments();
    client.close();
    expect(items).toMatchObject([
      {
        deploymentId: idOfParts(["argo", "argocd", "shop", "2026-11-28T10:00:00Z"]),
        state: DeploymentState.FINISHED,
        outcome: Outcome.SUCCESS,
        environment: labels?.environment ?? "shop-prod",
        service: "shop",
        revision: "aa11",
      },
    ]);
  },
);
