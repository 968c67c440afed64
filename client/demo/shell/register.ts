// Has the browser keep the page for when there is no network. Browsers do so over https and on the same machine alone.

export function keepPage(): void {
  if (!isSecureContext || !('serviceWorker' in navigator)) return;
  navigator.serviceWorker
    .register(new URL('sw.js', document.baseURI), { updateViaCache: 'none' })
    .catch(() => {
      // The browser forbids it, or the server is away: the page works without.
    });
}
