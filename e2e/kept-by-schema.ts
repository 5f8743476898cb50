/**
 * What a stored line says that a file of this schema has kept. Up to schema 4 nothing was edited. Schema 3 kept no salts, and heads that are folded anew from
 * their events when such a file is brought along.
 */
export function keptBySchema(version: number, line: string): unknown {
  const { deploymentId, event, head: found } = JSON.parse(line);
  const { edits, standing, ...before } = found ?? {};
  const head = found === undefined || version > 4 ? found : before;
  if (version > 3) return { deploymentId, event, head };
  if (event !== undefined) return { deploymentId, event: { ...event, salt: undefined } };
  const { headSequence, environment, service, revision, createTimeUs, updateTimeUs } = head;
  return { deploymentId: head.deploymentId, headSequence, environment, service, revision, createTimeUs, updateTimeUs };
}
