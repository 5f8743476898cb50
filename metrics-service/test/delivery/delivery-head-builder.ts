import type { DeliveryHead } from "../../src/delivery/delivery-head.ts";

export const minuteUs = 60_000_000;
export const hourUs = 60 * minuteUs;
export const dayUs = 24 * hourUs;
/** 2026-01-31, in microseconds since 1970. */
export const nowUs = 1_769_817_600_000_000;

let made = 0;

/** A deployment of checkout in production that succeeded a day ago, unless said otherwise. */
export function deliveryHead(fields: Partial<DeliveryHead> = {}): DeliveryHead {
  made += 1;
  const finishTimeUs = nowUs - dayUs;
  return {
    deploymentId: `d${made}`,
    service: "checkout",
    environment: "production",
    state: "finished",
    outcome: "success",
    createTimeUs: finishTimeUs - hourUs,
    startTimeUs: finishTimeUs - hourUs,
    finishTimeUs,
    commitTimeUs: undefined,
    failureTimeUs: undefined,
    recoverTimeUs: undefined,
    ...fields,
  };
}

/** A deployment that failed at this time. */
export function failedHead(failureTimeUs: number, fields: Partial<DeliveryHead> = {}): DeliveryHead {
  return deliveryHead({ outcome: "failure", finishTimeUs: failureTimeUs, failureTimeUs, ...fields });
}
