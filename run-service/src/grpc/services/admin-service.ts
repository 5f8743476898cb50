import { type EventStore, isDeploymentId } from "@activity-events/event-store";
import {
  ActivityEventsAdminService,
  DeleteDeploymentResponseSchema,
  type PurgeDeploymentRequest,
  PurgeDeploymentResponseSchema,
  type RedactEventRequest,
  UndeleteDeploymentResponseSchema,
} from "@activity-events/proto/activityevents/v1/activity_events_admin_service_pb.js";
import { methodPath } from "@activity-events/proto/service-definition";
import { create, type DescMethod, type MessageShape } from "@bufbuild/protobuf";
import type { Logger } from "pino";
import type { DeploymentEditor, HiddenDeployment } from "../../application/deployment-editor.ts";
import type { DeploymentExpiry } from "../../application/deployment-expiry.ts";
import type { EventReplayer } from "../../application/event-replayer.ts";
import { refusalOf } from "../../application/refusal-of.ts";
import type { Clock } from "../../clock.ts";
import { limits } from "../../limits.ts";
import { editCallOf } from "../calls/edit-call.ts";
import { type Call, type Method, serverStreaming, unary } from "../calls/method.ts";
import { encodeRedactEventResponse, wireDeploymentWithStanding } from "../codec/encode.ts";
import { parseDeploymentId, parseEventId } from "../requests/parse-identifiers.ts";
import { Violations } from "../requests/violations.ts";
import { expireDeployments } from "./expire-deployments.ts";
import { replayEvents } from "./replay-events.ts";

interface AdminMethodsOptions {
  readonly editor: DeploymentEditor;
  readonly expiry: DeploymentExpiry;
  readonly replayer: EventReplayer;
  readonly store: EventStore;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Request of every admin call. */
interface AdminRequest {
  readonly deploymentId: string;
  readonly dryRun: boolean;
}

/** Answer of an admin call, and what it did in a word of the log. */
interface Answered<M extends DescMethod> {
  readonly answer: Uint8Array | MessageShape<M["output"]>;
  readonly outcome: string;
}

/** Makes the methods of the admin service. */
export function adminMethods({ editor, expiry, replayer, store, clock, log }: AdminMethodsOptions): Method[] {
  const { method } = ActivityEventsAdminService;
  const logged = <M extends DescMethod>(
    desc: M,
    handle: (request: MessageShape<M["input"]>, call: Call) => Promise<Answered<M>>,
  ) =>
    unary(desc, (request, call) => {
      const { deploymentId, dryRun } = request as unknown as AdminRequest;
      return withEvidence(log, { desc, call, deploymentId, dryRun }, () => handle(request, call));
    });
  return [
    logged(method.redactEvent, (request, call) => redactEvent(request, call, { editor, clock })),
    logged(method.deleteDeployment, async (request, call) => {
      const { head, already } = await hide(request, true, call, editor);
      const deployment = wireDeploymentWithStanding(head);
      return {
        answer: create(DeleteDeploymentResponseSchema, { deployment, alreadyDeleted: already }),
        outcome: already ? "already_deleted" : "deleted",
      };
    }),
    logged(method.undeleteDeployment, async (request, call) => {
      const { head, already } = await hide(request, false, call, editor);
      const deployment = wireDeploymentWithStanding(head);
      return {
        answer: create(UndeleteDeploymentResponseSchema, { deployment, alreadyKept: already }),
        outcome: already ? "already_kept" : "undeleted",
      };
    }),
    logged(method.purgeDeployment, (request, call) => purgeDeployment(request, call, { editor, clock })),
    logged(method.replayEvents, async (request, call) => ({
      answer: await replayEvents(request, call, { replayer, store }),
      outcome: "replayed",
    })),
    serverStreaming(method.expireDeployments, (request, call) =>
      withEvidenceOfStream(log, { desc: method.expireDeployments, call, dryRun: request.dryRun }, () =>
        expireDeployments(request, call, expiry),
      ),
    ),
  ];
}

interface Evidence {
  readonly desc: DescMethod;
  readonly call: Call;
  /** As in the request; undefined if the method is of many deployments. */
  readonly deploymentId?: string;
  readonly dryRun: boolean;
}

/** Logs an admin call, whatever comes of it. */
async function withEvidence<M extends DescMethod>(
  log: Logger,
  evidence: Evidence,
  handle: () => Promise<Answered<M>>,
): Promise<Answered<M>["answer"]> {
  try {
    const { answer, outcome } = await handle();
    tell(log, evidence, outcome);
    return answer;
  } catch (error) {
    tell(log, evidence, refusalOf(error).reason);
    throw error;
  }
}

/** The same for a call that is answered with many messages. */
async function* withEvidenceOfStream<Message>(
  log: Logger,
  evidence: Evidence,
  handle: () => AsyncIterable<Message>,
): AsyncGenerator<Message, void, void> {
  let outcome = "ended_by_caller";
  try {
    yield* handle();
    outcome = "done";
  } catch (error) {
    outcome = refusalOf(error).reason;
    throw error;
  } finally {
    tell(log, evidence, outcome);
  }
}

/** The line has no text of the request but a valid id. */
function tell(log: Logger, { desc, call, deploymentId = "", dryRun }: Evidence, outcome: string): void {
  const principal = call.access.caller.principal || undefined;
  const deployment = isDeploymentId(deploymentId) ? deploymentId : undefined;
  const method = methodPath(desc).slice(1);
  log.info({ code: "ADMIN_CALL", method, deployment, principal, dry_run: dryRun, outcome }, "admin call");
}

interface EditorOptions {
  readonly editor: DeploymentEditor;
  readonly clock: Clock;
}

async function redactEvent(
  request: RedactEventRequest,
  call: Call,
  { editor, clock }: EditorOptions,
): Promise<Answered<typeof ActivityEventsAdminService.method.redactEvent>> {
  const receiveTimeUs = clock();
  const violations = new Violations();
  const deploymentId = parseDeploymentId(request.deploymentId, "deployment_id", violations);
  const eventId = parseEventId(request.eventId, "event_id", violations);
  violations.checkBytes("reason", request.reason, limits.stringBytesMax);
  violations.throwIfAny();

  call.about(deploymentId);
  call.access.demand("admin", deploymentId);
  const { reason, allFields, dryRun } = request;
  const { principal } = call.access.caller;
  await call.bytes.room(limits.eventWorkBytes, { signals: [], timeMs: limits.roomTimeMs });
  const redacted = await editor.redact(
    { deploymentId, eventId, reason, allFields, dryRun, principal, receiveTimeUs },
    editCallOf(call),
  );
  return {
    answer: encodeRedactEventResponse(deploymentId, redacted),
    outcome: redacted.emptiedFields.length === 0 ? "already_redacted" : "redacted",
  };
}

async function hide(
  request: AdminRequest,
  isHidden: boolean,
  call: Call,
  editor: DeploymentEditor,
): Promise<HiddenDeployment> {
  const violations = new Violations();
  const deploymentId = parseDeploymentId(request.deploymentId, "deployment_id", violations);
  violations.throwIfAny();

  call.about(deploymentId);
  call.access.demand("admin", deploymentId);
  return editor.hide({ deploymentId, dryRun: request.dryRun }, isHidden, editCallOf(call));
}

async function purgeDeployment(
  request: PurgeDeploymentRequest,
  call: Call,
  { editor, clock }: EditorOptions,
): Promise<Answered<typeof ActivityEventsAdminService.method.purgeDeployment>> {
  const receiveTimeUs = clock();
  const violations = new Violations();
  const deploymentId = parseDeploymentId(request.deploymentId, "deployment_id", violations);
  violations.checkBytes("reason", request.reason, limits.stringBytesMax);
  violations.throwIfAny();

  call.about(deploymentId);
  call.access.demand("admin", deploymentId);
  const { reason, force, noOlderInstances, dryRun } = request;
  const { principal } = call.access.caller;
  const { head, events, already } = await editor.purge(
    { deploymentId, reason, force, noOlderInstances, dryRun, principal, receiveTimeUs },
    editCallOf(call),
  );
  return {
    answer: create(PurgeDeploymentResponseSchema, {
      deployment: wireDeploymentWithStanding(head),
      eventsPurged: BigInt(events),
      alreadyPurged: already,
    }),
    outcome: already ? "already_purged" : "purged",
  };
}
