import { partsOfId } from "@activity-events/client";
import { ciDeployment } from "@activity-events/mappings";
import { expect, test } from "@jest/globals";

const github = {
  GITHUB_ACTIONS: "true",
  GITHUB_SERVER_URL: "https://github.com",
  GITHUB_REPOSITORY: "Acme/shop.web",
  GITHUB_RUN_ID: "77",
  GITHUB_RUN_ATTEMPT: "1",
  GITHUB_SHA: "c0ffee",
  GITHUB_REF_TYPE: "branch",
  GITHUB_REF_NAME: "main",
  GITHUB_ACTOR: "ada",
  GITHUB_TRIGGERING_ACTOR: "bob",
};

test("names a run of GitHub Actions by repository, run and attempt", () => {
  expect(ciDeployment(github)).toEqual({
    system: "GitHub Actions",
    deploymentId: "gh:Acme:shop.web:run:77:1",
    service: "shop.web",
    revision: "c0ffee",
    commit: "c0ffee",
    actor: "bob",
    url: "https://github.com/Acme/shop.web/actions/runs/77",
  });
});

test("makes another deployment of another attempt, and a revision of a tag", () => {
  const again = { ...github, GITHUB_RUN_ATTEMPT: "2", GITHUB_REF_TYPE: "tag", GITHUB_REF_NAME: "v1.4.2" };

  expect(ciDeployment(again)).toMatchObject({
    deploymentId: "gh:Acme:shop.web:run:77:2",
    revision: "v1.4.2",
    url: "https://github.com/Acme/shop.web/actions/runs/77/attempts/2",
  });
});

test.each<[string, Record<string, string>, object]>([
  [
    "GitLab CI/CD",
    {
      GITLAB_CI: "true",
      CI_PROJECT_PATH: "acme/eu/shop",
      CI_PIPELINE_ID: "12",
      CI_ENVIRONMENT_NAME: "production",
      CI_COMMIT_TAG: "",
      CI_COMMIT_SHA: "c0ffee",
      GITLAB_USER_LOGIN: "ada",
      CI_PIPELINE_URL: "https://gitlab.com/acme/eu/shop/-/pipelines/12",
    },
    { deploymentId: "gl:acme:eu:shop:pipeline:12", service: "shop", environment: "production", revision: "c0ffee" },
  ],
  [
    "Cloud Build",
    { PROJECT_ID: "shop-prod", BUILD_ID: "4f5a0f1c-9f31-4a2e-8f4e-0b1c2d3e4f50", TAG_NAME: "v2", COMMIT_SHA: "c0ffee" },
    {
      deploymentId: "cb:shop-prod:build:4f5a0f1c-9f31-4a2e-8f4e-0b1c2d3e4f50",
      revision: "v2",
      url: "https://console.cloud.google.com/cloud-build/builds;region=global/4f5a0f1c-9f31-4a2e-8f4e-0b1c2d3e4f50?project=shop-prod",
    },
  ],
  [
    "Jenkins",
    {
      JENKINS_URL: "https://ci.example.com/jenkins/",
      JOB_NAME: "shop/main",
      BUILD_NUMBER: "31",
      BUILD_ID: "31",
      GIT_URL: "git@example.com:acme/shop.git",
      GIT_COMMIT: "c0ffee",
      BUILD_URL: "https://ci.example.com/jenkins/job/shop/job/main/31/",
    },
    { deploymentId: "jenkins:ci.example.com~2Fjenkins:shop:main:build:31", service: "shop", commit: "c0ffee" },
  ],
  [
    "Azure Pipelines",
    {
      TF_BUILD: "True",
      SYSTEM_COLLECTIONURI: "https://dev.azure.com/acme/",
      SYSTEM_TEAMPROJECT: "Web Shop",
      BUILD_BUILDID: "9",
      SYSTEM_STAGEATTEMPT: "2",
      BUILD_SOURCEBRANCH: "refs/tags/v3",
      BUILD_REQUESTEDFOR: "Ada Lovelace",
    },
    {
      deploymentId: "azure:dev.azure.com~2Facme:Web~20Shop:build:9:2",
      revision: "v3",
      url: "https://dev.azure.com/acme/Web%20Shop/_build/results?buildId=9",
    },
  ],
  [
    "Bitbucket Pipelines",
    {
      BITBUCKET_BUILD_NUMBER: "5",
      BITBUCKET_REPO_FULL_NAME: "acme/shop",
      BITBUCKET_REPO_SLUG: "shop",
      BITBUCKET_GIT_HTTP_ORIGIN: "https://bitbucket.org/acme/shop",
      BITBUCKET_DEPLOYMENT_ENVIRONMENT: "staging",
    },
    {
      deploymentId: "bb:acme:shop:pipeline:5:1",
      environment: "staging",
      url: "https://bitbucket.org/acme/shop/pipelines/results/5",
    },
  ],
  [
    "CircleCI",
    {
      CIRCLECI: "true",
      CIRCLE_PROJECT_USERNAME: "acme",
      CIRCLE_PROJECT_REPONAME: "shop",
      CIRCLE_WORKFLOW_ID: "w-1",
      CIRCLE_SHA1: "c0ffee",
    },
    { deploymentId: "circleci:acme:shop:workflow:w-1", service: "shop", revision: "c0ffee" },
  ],
  [
    "Buildkite",
    {
      BUILDKITE: "true",
      BUILDKITE_ORGANIZATION_SLUG: "acme",
      BUILDKITE_PIPELINE_SLUG: "shop",
      BUILDKITE_BUILD_NUMBER: "8",
      BUILDKITE_RETRY_COUNT: "1",
    },
    { deploymentId: "buildkite:acme:shop:build:8:2", service: "shop" },
  ],
])("reads the variables of %s", (system, variables, fields) => {
  expect(ciDeployment(variables)).toMatchObject({ system, ...fields });
});

test.each<[string, Record<string, string>]>([
  ["no variables", {}],
  ["CI alone, which says nothing of the run", { CI: "true" }],
  ["a run without its number", { ...github, GITHUB_RUN_ID: "" }],
  ["a repository that is not named", { GITHUB_ACTIONS: "true", GITHUB_RUN_ID: "77" }],
  ["a build of another system than Cloud Build", { PROJECT_ID: "p", BUILD_ID: "31" }],
])("finds nothing in %s", (_, variables) => {
  expect(ciDeployment(variables)).toBeUndefined();
});

test("leaves out what the contract would refuse, and keeps the event", () => {
  const odd = {
    ...github,
    GITHUB_SHA: "x".repeat(300),
    GITHUB_TRIGGERING_ACTOR: "\ud800",
    GITHUB_SERVER_URL: "nowhere",
  };

  const found = ciDeployment(odd);

  expect(found).toEqual({ system: "GitHub Actions", deploymentId: "gh:Acme:shop.web:run:77:1", service: "shop.web" });
});

test("encodes what an id cannot hold so that it comes back", () => {
  const found = ciDeployment({ GITLAB_CI: "true", CI_PROJECT_PATH: "café/a~b", CI_PIPELINE_ID: "1" });

  expect(partsOfId(found?.deploymentId ?? "")).toEqual(["gl", "café", "a~b", "pipeline", "1"]);
});
