// The shared worker. One stream serves all tabs, because a browser opens at most six connections to a server.
import { LiveStream } from "./liveStream";
import type { Request } from "./messages";

const scope = self as unknown as { onconnect: (event: MessageEvent) => void };
const stream = new LiveStream();

scope.onconnect = (event) => {
  const port = event.ports[0];
  if (port === undefined) return;
  port.onmessage = (message: MessageEvent<Request>) => stream.receive(port, message.data);
};
