import { expect, test } from "@jest/globals";
import { nameTheService } from "../../src/flags/name-the-service.ts";

test("takes --service before the command for the service on Cloud Run, and leaves the one behind it", () => {
  const args = "--json --region r --service s --timeout 3 add --service api --service=web".split(" ");

  expect(nameTheService(args).join(" ")).toBe(
    "--json --region r --run-service s --timeout 3 add --service api --service=web",
  );
  expect(nameTheService(["--service=s", "deployments", "--service=api"])).toEqual([
    "--run-service=s",
    "deployments",
    "--service=api",
  ]);
});
