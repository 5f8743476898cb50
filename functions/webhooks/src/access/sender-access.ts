import type { WebhookRequest } from "../http/webhook-request.ts";

/** Tells whether a request proves that it comes from the sender of the route. Throws if that cannot be found out now. */
export type SenderAccess = (request: WebhookRequest) => boolean | Promise<boolean>;
