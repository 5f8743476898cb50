import { setTimeout as sleep } from "node:timers/promises";

const subprotocol = "activity-events.v1";

/** Opens sockets of /live that show what runs now, and waits until each has caught up. Returns a function that closes them. */
export async function openLiveSockets(url: string, count: number): Promise<() => Promise<void>> {
  const sockets = await Promise.all(Array.from({ length: count }, (_, number) => openSocket(url, number)));
  return async () => {
    for (const socket of sockets) socket.close();
    while (sockets.some(({ readyState }) => readyState !== WebSocket.CLOSED)) await sleep(10);
  };
}

async function openSocket(url: string, number: number): Promise<WebSocket> {
  // Not all at once: the kernel's queue of connections is short.
  await sleep(number);
  const socket = new WebSocket(`${url.replace("http", "ws")}/live`, subprotocol);
  await new Promise<void>((resolve, reject) => {
    socket.onopen = () => socket.send(JSON.stringify({ subscribe: { subscription: "now", now: {} } }));
    socket.onerror = () => reject(new Error(`socket ${number} cannot be opened`));
    socket.onclose = () => reject(new Error(`socket ${number} was closed`));
    socket.onmessage = ({ data }) => {
      if (String(data).includes('"caughtUp"')) resolve();
    };
  });
  socket.onclose = null;
  return socket;
}
