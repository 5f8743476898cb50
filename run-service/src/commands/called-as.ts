/** Words of messages that name this program and a command or a setting of it. */
const named = /\bactivity_server (check|backup|restore|--accept-loss|--help)(?=[ ;.]|$)/gm;

/** The lines of a message with each command as the user can type it: in a checkout npm has started the program. */
export function asCalled(lines: readonly string[], environment: NodeJS.ProcessEnv): readonly string[] {
  const { npm_lifecycle_event: script, npm_package_name: workspace } = environment;
  const isOfCheckout = workspace === "activity-events" && ["start", "start:service", "backup"].includes(script ?? "");
  if (!isOfCheckout) return lines;
  return lines.map((line) =>
    line.replace(named, (_, words: string) => (words === "backup" ? "npm run -s backup --" : `npm start -- ${words}`)),
  );
}
