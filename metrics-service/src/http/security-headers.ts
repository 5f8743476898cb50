import { secureHeaders } from "hono/secure-headers";

/** Response headers of every answer. The page loads nothing from elsewhere, and nobody may frame it. */
export const securityHeaders = secureHeaders({
  contentSecurityPolicy: {
    defaultSrc: ["'none'"],
    scriptSrc: ["'self'"],
    styleSrc: ["'self'"],
    imgSrc: ["'self'", "data:"],
    connectSrc: ["'self'"],
    baseUri: ["'none'"],
    formAction: ["'none'"],
    frameAncestors: ["'none'"],
  },
  crossOriginEmbedderPolicy: "require-corp",
  referrerPolicy: "no-referrer",
  xFrameOptions: "DENY",
  // Behind loopback there is no TLS, and what is in front of the page elsewhere says so itself.
  strictTransportSecurity: false,
});
