// A WebSocket that says in our own code that a frame was too large.
import { SyncError } from '@syncline/shared';
import { WebSocket } from 'ws';

/** ws closes with 1009 at the bound, on which stock clients send the same frame for ever; the 44xx code stops them. */
export class BoundedWebSocket extends WebSocket {
  override close(code?: number, reason?: string | Buffer): void {
    if (code !== 1009) return super.close(code, reason);
    const error = new SyncError('frame_too_large');
    super.close(error.close, error.message);
  }
}
