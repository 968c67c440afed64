// Tabs of a browser that share one connection, by Web Locks and BroadcastChannel.
import type { Tabs } from '../local/tabs.ts';
import { Member } from '../tabs/member.ts';
import type { LockRequest, TabSurroundings } from '../tabs/surroundings.ts';

/** Tabs of one origin and one scope share. Undefined where the browser lacks what that takes. */
export function webTabs(scope: string): Tabs | undefined {
  if (!('BroadcastChannel' in globalThis) || globalThis.navigator?.locks === undefined) return undefined;
  return {
    join: (platform, listener) => new Member({ scope, platform, listener, surroundings: webSurroundings }),
  };
}

const webSurroundings: TabSurroundings = {
  lock: requestLock,
  channel: (name, received) => {
    const channel = new BroadcastChannel(name);
    let isClosed = false;
    channel.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
      if (!isClosed) received(data);
    });
    return {
      post: (message) => {
        if (!isClosed) channel.postMessage(message);
      },
      close: () => {
        isClosed = true;
        channel.close();
      },
    };
  },
  onPause: (paused, resumed) => {
    // Node has no pages.
    if (!('document' in globalThis)) return () => {};
    const controller = new AbortController();
    const { signal } = controller;
    // A page that is kept for the way back, and one that is frozen in the background.
    globalThis.addEventListener('pagehide', ({ persisted }) => void (persisted && paused()), { signal });
    globalThis.addEventListener('pageshow', ({ persisted }) => void (persisted && resumed()), { signal });
    document.addEventListener('freeze', paused, { signal });
    document.addEventListener('resume', resumed, { signal });
    return () => controller.abort();
  },
};

function requestLock(name: string, request: LockRequest): () => void {
  const controller = new AbortController();
  let isOver = false;
  let release = (): void => {};
  const released = new Promise<void>((resolve) => (release = resolve));
  // A lock that is stolen is not waited for, so that there is nothing to take back.
  const options: LockOptions = request.isStolen ? { steal: true } : { signal: controller.signal };
  navigator.locks
    .request(name, options, async () => {
      // Node grants a free one before the call returns.
      await Promise.resolve();
      if (isOver) return;
      request.granted();
      await released;
    })
    .catch((error: unknown) => {
      if (isOver) return;
      isOver = true;
      // So it is for a lock that was granted and stolen before this page heard of it, too.
      if (error instanceof DOMException && error.name === 'AbortError') request.lost();
      else request.failed();
    });
  return () => {
    isOver = true;
    release();
    controller.abort();
  };
}
