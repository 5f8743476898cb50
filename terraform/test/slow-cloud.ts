import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** An API that refuses for a while what it will take later, as Google Cloud's do. */
export interface SlowCloud extends AsyncDisposable {
  /** A resource of Terraform that asks it for something of this name, and fails with what it answers. */
  resource(name: string, dependsOn?: string): string;
  /** What was asked for, in order. */
  readonly calls: readonly string[];
}

/** Starts it; a name is refused with each of these sentences, and then taken. */
export async function startSlowCloud(refusals: Readonly<Record<string, readonly string[]>>): Promise<SlowCloud> {
  const calls: string[] = [];
  const server = createServer((request, response) => {
    const name = request.url?.slice(1) ?? "";
    const refusal = refusals[name]?.[calls.filter((call) => call === name).length];
    calls.push(name);
    response.writeHead(refusal === undefined ? 200 : 404).end(refusal ?? "");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const ask = (name: string) =>
    `const answer = await fetch('http://127.0.0.1:${port}/${name}'); console.log(await answer.text()); process.exit(answer.ok ? 0 : 1)`;
  return {
    calls,
    resource: (name, dependsOn) => `resource "terraform_data" "${name}" {
  provisioner "local-exec" {
    command = ${JSON.stringify(`"${process.execPath}" --input-type=module --eval "${ask(name)}"`)}
  }
${dependsOn === undefined ? "" : `  depends_on = [terraform_data.${dependsOn}]\n`}}
`,
    [Symbol.asyncDispose]: async () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
