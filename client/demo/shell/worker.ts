// The service worker of the page: keeps the files of this build, so that a visit needs no network. A visit asks the server first, so that
// nobody is left with an old page; documents are none of its business.
import { cachesOf, keptFor, type Shell, urlsOf } from './shell.ts';

declare const self: ServiceWorkerGlobalScope;

/** A server that has not answered a visit within this is taken for one that is away. */
const answerWithinMs = 3_000;

// The build puts its list of files here.
const shell = JSON.parse('SYNCLINE-SHELL') as Shell;
const { scope } = self.registration;
const cacheName = cachesOf(scope) + shell.version;

self.addEventListener('install', (event) => event.waitUntil(install()));
self.addEventListener('activate', (event) => event.waitUntil(activate()));
self.addEventListener('fetch', (event) => {
  const kept = keptFor(event.request, shell, scope);
  if (kept) event.respondWith(kept.is === 'page' ? page(event.request) : file(event.request, kept.url));
});

/** All or nothing: a server that goes away in between is asked for all of it at the next visit. */
async function install(): Promise<void> {
  const cache = await caches.open(cacheName);
  await cache.addAll(urlsOf(shell, scope).map((url) => new Request(url, { cache: 'reload' })));
  // A page that is open has all its files: nothing of it waits for this.
  await self.skipWaiting();
}

async function activate(): Promise<void> {
  const names = await caches.keys();
  const old = names.filter((name) => name.startsWith(cachesOf(scope)) && name !== cacheName);
  await Promise.all(old.map((name) => caches.delete(name)));
  await self.clients.claim();
}

async function page(request: Request): Promise<Response> {
  const kept = await keptAt(scope);
  // Its headers were kept with it, and so its nonce is the one that they name.
  if (!kept) return fetch(request);
  const late = new Promise<undefined>((resolve) => setTimeout(() => resolve(undefined), answerWithinMs));
  const answer = await Promise.race([fetch(request).catch(() => undefined), late]);
  // So says a proxy whose server is away.
  return answer === undefined || answer.status >= 500 ? kept : answer;
}

async function file(request: Request, url: string): Promise<Response> {
  return (await keptAt(url)) ?? fetch(request);
}

/** Nothing where the browser cannot read what it has kept: the server is asked then. */
async function keptAt(url: string): Promise<Response | undefined> {
  try {
    return await (await caches.open(cacheName)).match(url);
  } catch {
    return undefined;
  }
}
