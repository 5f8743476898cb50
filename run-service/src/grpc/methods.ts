/** How many messages a method takes and answers: one and one, one and many, many and many. */
export type MethodKind = "unary" | "stream" | "bidi";

/**
 * The methods that are served, by path: all that is to be known of the contract to listen. What the contract says of them
 * takes longer to load; a test holds the two together.
 */
export const methods = {
  "/activityevents.v1.ActivityEventsService/CreateEvent": "unary",
  "/activityevents.v1.ActivityEventsService/BatchCreateEvents": "unary",
  "/activityevents.v1.ActivityEventsService/IngestEvents": "bidi",
  "/activityevents.v1.ActivityEventsService/GetEvent": "unary",
  "/activityevents.v1.ActivityEventsService/ListEvents": "unary",
  "/activityevents.v1.ActivityEventsService/StreamEvents": "stream",
  "/activityevents.v1.ActivityEventsService/GetDeployment": "unary",
  "/activityevents.v1.ActivityEventsService/ListDeployments": "unary",
  "/activityevents.ActivityEvents/CreateEvent": "unary",
  "/activityevents.ActivityEvents/ListEvents": "stream",
  "/grpc.health.v1.Health/Check": "unary",
  "/grpc.health.v1.Health/List": "unary",
  "/grpc.health.v1.Health/Watch": "stream",
  "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo": "bidi",
  "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo": "bidi",
} as const satisfies Readonly<Record<string, MethodKind>>;

export type MethodPath = keyof typeof methods;

export const methodPaths = Object.keys(methods) as MethodPath[];

/** The names that health is asked for: the whole server's, which is empty, and each service's, but that of reflection. */
export const healthNames: ReadonlySet<string> = new Set([
  "",
  ...methodPaths.map((path) => path.split("/")[1] as string).filter((name) => !name.startsWith("grpc.reflection.")),
]);
