/** Words the parser's refusal of a command line like the other messages of the program. */
export function usageFault(text: string): string {
  const said = text.replace(/^error: /, "activity_client: ");
  if (!/^[^\n]*unknown option '--service[='\n]/.test(said)) return said;
  return said.replace(
    "\n",
    "\n(--service names the application, after add and deployments; a service on Cloud Run is --run-service.)\n",
  );
}
