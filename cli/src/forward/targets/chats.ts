import { type Event, Outcome } from "@activity-events/client";
import { microsecondsOf } from "@activity-events/client/internal";
import { enumName } from "../../text/enum-name.ts";
import { post } from "./post.ts";
import type { Target } from "./target.ts";

/** Most characters of a text for people: Slack shortens a message of more than 4,000, Google Chat refuses more than 4,096 bytes. */
const textMax = 1_000;

/** Posts to an incoming webhook of Slack. */
export function slackTarget(url: URL): Target {
  return {
    // The three characters that Slack's own markup begins with.
    tell: ({ text }, signal) => {
      const escaped = cut(text).replace(/[&<>]/g, (sign) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;" })[sign] ?? "");
      return post({ url, body: JSON.stringify({ text: escaped }), signal });
    },
  };
}

/** Posts to an incoming webhook of Google Chat, one thread for each deployment. */
export function googleChatTarget(url: URL): Target {
  const threaded = new URL(url);
  threaded.searchParams.set("messageReplyOption", "REPLY_MESSAGE_FALLBACK_TO_NEW_THREAD");
  return {
    tell: ({ event, text }, signal) => {
      const thread = { threadKey: event.deploymentId };
      // Angle brackets are links and mentions, such as that of everybody, and nothing takes their meaning away.
      const plain = cut(text).replace(/[<>]/g, (sign) => (sign === "<" ? "‹" : "›"));
      return post({ url: threaded, body: JSON.stringify({ text: plain, thread }), signal });
    },
  };
}

/** Writes an annotation into a Grafana at `url`, at the time of the event. */
export function grafanaTarget(url: URL, token: string | undefined): Target {
  const annotations = new URL(`${url.pathname.replace(/\/$/, "")}/api/annotations`, url);
  const headers: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` };
  return {
    tell: ({ event, subject, text }, signal) => {
      const { environment, service } = subject;
      const tags = ["deployment", event.type, environment, service, outcomeTag(event)].filter(Boolean);
      const body = JSON.stringify({ time: timeMsOf(event), tags, text: cut(text) });
      return post({ url: annotations, headers, body, signal });
    },
  };
}

function outcomeTag({ outcome }: Event): string {
  return enumName(Outcome, outcome).toLowerCase();
}

function timeMsOf({ sendTime, receiveTime }: Event): number {
  const time = sendTime ?? receiveTime;
  return time === undefined ? 0 : Number(microsecondsOf(time) / 1_000n);
}

function cut(text: string): string {
  const characters = Array.from(text);
  return characters.length <= textMax ? text : `${characters.slice(0, textMax - 1).join("")}…`;
}
