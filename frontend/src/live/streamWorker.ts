// A shared worker: all tabs of the browser have one live stream, since a browser opens six connections to a server at
// the most, and each stream holds one.
import { LiveStream } from "./liveStream";
import type { Request } from "./messages";

const scope = self as unknown as { onconnect: (event: MessageEvent) => void };
const stream = new LiveStream();

scope.onconnect = (event) => {
  const port = event.ports[0];
  if (port === undefined) return;
  port.onmessage = (message: MessageEvent<Request>) => stream.receive(port, message.data);
};
