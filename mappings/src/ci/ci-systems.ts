import { idOfParts } from "@activity-events/client";
import type { CiSystem } from "./ci-system.ts";

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** All known CI systems. Their ids are those that `functions/webhooks` gives to the same run. */
export const ciSystems: readonly CiSystem[] = [
  {
    // Source: https://docs.github.com/en/actions/reference/workflows-and-actions/variables
    name: "GitHub Actions",
    isHere: ({ GITHUB_ACTIONS }) => GITHUB_ACTIONS === "true",
    deploymentId: ({ GITHUB_REPOSITORY, GITHUB_RUN_ID, GITHUB_RUN_ATTEMPT = "1" }) =>
      idOf(["gh"], segments(GITHUB_REPOSITORY), ["run"], [GITHUB_RUN_ID], [GITHUB_RUN_ATTEMPT]),
    fields: (variables) => {
      const { GITHUB_SERVER_URL, GITHUB_REPOSITORY, GITHUB_RUN_ID, GITHUB_RUN_ATTEMPT = "1" } = variables;
      const run = `${GITHUB_SERVER_URL}/${GITHUB_REPOSITORY}/actions/runs/${GITHUB_RUN_ID}`;
      return {
        service: lastOf(GITHUB_REPOSITORY),
        revision: variables.GITHUB_REF_TYPE === "tag" ? variables.GITHUB_REF_NAME : variables.GITHUB_SHA,
        commit: variables.GITHUB_SHA,
        // Who repeated the run, if somebody did.
        actor: variables.GITHUB_TRIGGERING_ACTOR || variables.GITHUB_ACTOR,
        url: GITHUB_RUN_ATTEMPT === "1" ? run : `${run}/attempts/${GITHUB_RUN_ATTEMPT}`,
      };
    },
  },
  {
    // Source: https://docs.gitlab.com/ci/variables/predefined_variables/
    name: "GitLab CI/CD",
    isHere: ({ GITLAB_CI }) => GITLAB_CI === "true",
    deploymentId: ({ CI_PROJECT_PATH, CI_PIPELINE_ID }) =>
      idOf(["gl"], segments(CI_PROJECT_PATH), ["pipeline"], [CI_PIPELINE_ID]),
    fields: (variables) => ({
      service: lastOf(variables.CI_PROJECT_PATH),
      environment: variables.CI_ENVIRONMENT_NAME,
      revision: variables.CI_COMMIT_TAG || variables.CI_COMMIT_SHA,
      commit: variables.CI_COMMIT_SHA,
      actor: variables.GITLAB_USER_LOGIN,
      url: variables.CI_PIPELINE_URL,
    }),
  },
  {
    // Source: https://learn.microsoft.com/azure/devops/pipelines/build/variables
    name: "Azure Pipelines",
    isHere: ({ TF_BUILD }) => /^true$/i.test(TF_BUILD ?? ""),
    deploymentId: ({ SYSTEM_COLLECTIONURI, SYSTEM_TEAMPROJECT, BUILD_BUILDID, SYSTEM_STAGEATTEMPT = "1" }) =>
      idOf(
        ["azure"],
        [hostAndPath(SYSTEM_COLLECTIONURI)],
        [SYSTEM_TEAMPROJECT],
        ["build"],
        [BUILD_BUILDID],
        [SYSTEM_STAGEATTEMPT],
      ),
    fields: (variables) => ({
      service: lastOf(variables.BUILD_REPOSITORY_NAME),
      environment: variables.ENVIRONMENT_NAME,
      revision: tagOf(variables.BUILD_SOURCEBRANCH) ?? variables.BUILD_SOURCEVERSION,
      commit: variables.BUILD_SOURCEVERSION,
      actor: variables.BUILD_REQUESTEDFOR,
      // The name of a project may have spaces.
      url: encodeURI(
        `${variables.SYSTEM_COLLECTIONURI}${variables.SYSTEM_TEAMPROJECT}/_build/results?buildId=${variables.BUILD_BUILDID}`.toWellFormed(),
      ),
    }),
  },
  {
    // Source: https://support.atlassian.com/bitbucket-cloud/docs/variables-and-secrets/
    name: "Bitbucket Pipelines",
    isHere: ({ BITBUCKET_BUILD_NUMBER }) => Boolean(BITBUCKET_BUILD_NUMBER),
    deploymentId: ({ BITBUCKET_REPO_FULL_NAME, BITBUCKET_BUILD_NUMBER, BITBUCKET_STEP_RUN_NUMBER = "1" }) =>
      idOf(
        ["bb"],
        segments(BITBUCKET_REPO_FULL_NAME),
        ["pipeline"],
        [BITBUCKET_BUILD_NUMBER],
        [BITBUCKET_STEP_RUN_NUMBER],
      ),
    fields: (variables) => ({
      service: variables.BITBUCKET_REPO_SLUG,
      environment: variables.BITBUCKET_DEPLOYMENT_ENVIRONMENT,
      revision: variables.BITBUCKET_TAG || variables.BITBUCKET_COMMIT,
      commit: variables.BITBUCKET_COMMIT,
      url: `${variables.BITBUCKET_GIT_HTTP_ORIGIN}/pipelines/results/${variables.BITBUCKET_BUILD_NUMBER}`,
    }),
  },
  {
    // Source: https://circleci.com/docs/reference/variables/
    name: "CircleCI",
    isHere: ({ CIRCLECI }) => CIRCLECI === "true",
    // A workflow that is run again has another id.
    deploymentId: ({ CIRCLE_PROJECT_USERNAME, CIRCLE_PROJECT_REPONAME, CIRCLE_WORKFLOW_ID }) =>
      idOf(["circleci"], [CIRCLE_PROJECT_USERNAME], [CIRCLE_PROJECT_REPONAME], ["workflow"], [CIRCLE_WORKFLOW_ID]),
    fields: (variables) => ({
      service: variables.CIRCLE_PROJECT_REPONAME,
      revision: variables.CIRCLE_TAG || variables.CIRCLE_SHA1,
      commit: variables.CIRCLE_SHA1,
      actor: variables.CIRCLE_USERNAME,
      url: variables.CIRCLE_BUILD_URL,
    }),
  },
  {
    // Source: https://buildkite.com/docs/pipelines/configure/environment-variables
    name: "Buildkite",
    isHere: ({ BUILDKITE }) => BUILDKITE === "true",
    deploymentId: (variables) =>
      idOf(
        ["buildkite"],
        [variables.BUILDKITE_ORGANIZATION_SLUG],
        [variables.BUILDKITE_PIPELINE_SLUG],
        ["build"],
        [variables.BUILDKITE_BUILD_NUMBER],
        [String(Number(variables.BUILDKITE_RETRY_COUNT || "0") + 1)],
      ),
    fields: (variables) => ({
      service: variables.BUILDKITE_PIPELINE_SLUG,
      revision: variables.BUILDKITE_TAG || variables.BUILDKITE_COMMIT,
      commit: variables.BUILDKITE_COMMIT,
      actor: variables.BUILDKITE_BUILD_CREATOR,
      url: variables.BUILDKITE_BUILD_URL,
    }),
  },
  {
    // Source: https://www.jenkins.io/doc/book/pipeline/jenkinsfile/#using-environment-variables
    name: "Jenkins",
    isHere: ({ JENKINS_URL }) => Boolean(JENKINS_URL),
    deploymentId: ({ JENKINS_URL, JOB_NAME, BUILD_NUMBER }) =>
      idOf(["jenkins"], [hostAndPath(JENKINS_URL)], segments(JOB_NAME), ["build"], [BUILD_NUMBER]),
    fields: (variables) => ({
      service: lastOf(variables.GIT_URL?.replace(/\.git$/, "")),
      revision: variables.TAG_NAME || variables.GIT_COMMIT,
      commit: variables.GIT_COMMIT,
      // Set by the plugin build-user-vars.
      actor: variables.BUILD_USER_ID,
      url: variables.BUILD_URL,
    }),
  },
  {
    // Source: https://docs.cloud.google.com/build/docs/configuring-builds/substitute-variable-values. A step has these where
    // `automapSubstitutions` is set, or with `env`. Other systems have a BUILD_ID, too; only this one is a UUID.
    name: "Cloud Build",
    isHere: ({ PROJECT_ID, BUILD_ID }) => Boolean(PROJECT_ID) && uuid.test(BUILD_ID ?? ""),
    deploymentId: ({ PROJECT_ID, BUILD_ID }) => idOf(["cb"], [PROJECT_ID], ["build"], [BUILD_ID]),
    fields: ({ REPO_NAME, TAG_NAME, COMMIT_SHA, PROJECT_ID, BUILD_ID, LOCATION = "global" }) => ({
      service: REPO_NAME,
      revision: TAG_NAME || COMMIT_SHA,
      commit: COMMIT_SHA,
      url: `https://console.cloud.google.com/cloud-build/builds;region=${LOCATION}/${BUILD_ID}?project=${PROJECT_ID}`,
    }),
  },
];

/** Makes the id of parts; undefined if a variable is missing. */
function idOf(...groups: readonly (readonly (string | undefined)[])[]): string | undefined {
  const parts = groups.flat();
  const given = parts.filter((part) => part !== undefined && part !== "" && part.isWellFormed());
  return given.length < parts.length ? undefined : idOfParts(given as readonly string[]);
}

/** Segments of a path, such as a repository's; one that is missing makes no id. */
function segments(path: string | undefined): readonly (string | undefined)[] {
  return path === undefined ? [undefined] : path.split("/");
}

function lastOf(path: string | undefined): string | undefined {
  return path?.split("/").at(-1);
}

function tagOf(ref: string | undefined): string | undefined {
  return /^refs\/tags\/(.+)$/.exec(ref ?? "")?.[1];
}

/** `ci.example.com/jenkins` of a URL, since one company may have several. */
function hostAndPath(url = ""): string | undefined {
  if (!URL.canParse(url)) return undefined;
  const { host, pathname } = new URL(url);
  return `${host}${pathname}`.replace(/\/+$/, "");
}
