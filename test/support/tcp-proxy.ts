import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** What lies between a process and a server: bytes pass unchanged, until they are made to wait. */
export interface TcpProxy {
  readonly endpoint: string;
  /** From now on no byte passes in either direction; connections are still accepted. */
  stall(): void;
  /** Lets through what has waited, and all that comes. */
  resume(): void;
  stop: () => Promise<void>;
}

/** @param target where bytes go, `http://host:port` */
export async function startTcpProxy(target: string): Promise<TcpProxy> {
  const { hostname, port } = new URL(target);
  const sockets = new Set<Socket>();
  let stalled = false;

  const pass = (from: Socket, to: Socket) => {
    sockets.add(from);
    from.on('data', (bytes) => {
      to.write(bytes);
    });
    from.on('end', () => to.end());
    from.on('error', () => to.destroy());
    from.on('close', () => {
      sockets.delete(from);
      to.destroy();
    });
    if (stalled) from.pause();
  };
  const proxy = createServer({ allowHalfOpen: true }, (incoming) => {
    const outgoing = connect({ host: hostname, port: Number(port), allowHalfOpen: true });
    pass(incoming, outgoing);
    pass(outgoing, incoming);
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));

  return {
    endpoint: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`,
    stall: () => {
      stalled = true;
      for (const socket of sockets) socket.pause();
    },
    resume: () => {
      stalled = false;
      for (const socket of sockets) socket.resume();
    },
    stop: () =>
      new Promise((resolve) => {
        proxy.close(() => {
          resolve();
        });
        for (const socket of sockets) socket.destroy();
      }),
  };
}
