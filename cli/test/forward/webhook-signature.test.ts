import { expect, test } from "@jest/globals";
import { signatureOf } from "../../src/forward/targets/webhook.ts";

test("signs as the example of Standard Webhooks", () => {
  const body = Buffer.from('{"test": 2432232314}');

  const signature = signatureOf(
    "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
    "msg_p5jXN8AQM9LWM0D4loKWxJek",
    "1614265330",
    body,
  );

  expect(signature).toBe("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
});
