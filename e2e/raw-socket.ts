import { once } from "node:events";
import { connect, type Socket } from "node:net";

/** Opens a TCP connection, says the bytes, and leaves it open. What comes back is thrown away. */
export async function openSocket(port: number, bytes: Uint8Array = new Uint8Array()): Promise<Socket> {
  const socket = connect({ port, host: "127.0.0.1" });
  // A reset is one of the ways in which a connection may end here.
  socket.on("error", () => {});
  socket.resume();
  await once(socket, "connect");
  socket.write(bytes);
  return socket;
}

/** Says the bytes and waits for the other side to close; answers what it said. */
export async function saidBefore(port: number, bytes: Uint8Array): Promise<Buffer> {
  const socket = await openSocket(port, bytes);
  const said: Buffer[] = [];
  socket.on("data", (chunk) => said.push(chunk));
  await closed(socket);
  return Buffer.concat(said);
}

/** Opens a connection, says the bytes, and drops it without a word, as a crash does. */
export async function openAndDrop(port: number, bytes: Uint8Array): Promise<void> {
  const socket = await openSocket(port, bytes);
  socket.resetAndDestroy();
  await closed(socket);
}

function closed(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    if (socket.closed) resolve();
    else socket.on("close", () => resolve());
  });
}
