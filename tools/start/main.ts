// `npm start`: runs the service, the page and the webhooks as three processes, and stops the service last.
import { fileURLToPath } from "node:url";
import { runAll } from "./run-all.ts";
import { runService } from "./run-service.ts";
import { StopRequests } from "./stop-requests.ts";

const help = `npm start: runs the service, its page and its webhooks, and prints the address of each.

Usage: npm start [-- --accept-loss]
       npm start -- ARGUMENT...      runs activity_server alone, with these arguments
       npm run start:service         runs the service alone
       npm run start:page            runs the page alone, for the service at ACTIVITY_ADDRESS
       npm run webhooks              runs the webhooks alone, for the service at ACTIVITY_ADDRESS

PORT is the service's port, PAGE_PORT the page's, WEBHOOKS_PORT the webhooks'; docs/configuration.md has all settings. The
service goes on when another fails later than at its start. The exit code is that of the program that failed, 1 for a page
or webhooks that failed later.

The service:

`;

const [argument, ...others] = process.argv.slice(2);
const isOfAll = argument === undefined || (argument === "--accept-loss" && others.length === 0);
if (argument === "--help" || argument === "-h") process.stdout.write(help);

const requests = new StopRequests(process);
const programs = {
  service: fileURLToPath(new URL("../../run-service/src/main.ts", import.meta.url)),
  page: fileURLToPath(new URL("../../metrics-service/src/main.ts", import.meta.url)),
  webhooks: fileURLToPath(new URL("../../functions/webhooks/src/main.ts", import.meta.url)),
};
const run = isOfAll ? runAll : runService;
process.exitCode = await run({ programs, args: process.argv.slice(2), environment: process.env, requests });
