import { startIssuer } from "@activity-events/testing/token-issuer";

/** An issuer of ID tokens on this machine, in the place of Google's. */
export interface PushIssuer extends AsyncDisposable {
  /** Settings of webhooks that believe it. */
  readonly environment: Readonly<Record<string, string>>;
  token(claims?: PushClaims): Promise<string>;
  /** Answers nothing any more. */
  leave(): Promise<void>;
}

interface PushClaims {
  readonly audience?: string;
  readonly issuer?: string;
  readonly email?: string;
  readonly emailVerified?: boolean;
  readonly lastsSeconds?: number;
  /** Signs with a key that is not the issuer's. */
  readonly isForged?: boolean;
}

const account = "pusher@acme-prod.iam.gserviceaccount.com";
const audience = "https://webhooks.example";

/** Starts an issuer of the tokens that Pub/Sub sends with a push. */
export async function startPushIssuer(): Promise<PushIssuer> {
  const issuer = await startIssuer(audience);
  return {
    environment: {
      WEBHOOKS_OIDC_ISSUER: issuer.url,
      WEBHOOKS_OIDC_AUDIENCE: audience,
      WEBHOOKS_OIDC_ACCOUNTS: `someone@example.com, ${account}`,
    },
    token: ({ email = account, emailVerified = true, ...init } = {}) =>
      issuer.token({ ...init, claims: { email, email_verified: emailVerified } }),
    leave: issuer.leave,
    [Symbol.asyncDispose]: () => issuer[Symbol.asyncDispose](),
  };
}
