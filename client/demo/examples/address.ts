// What the address of an example's page says. Pure.

/** The server that this page is from, at the path at which a reverse proxy has it: `wss://app.example/sync`. */
export function serverOf(page: string): string {
  const url = new URL('..', page);
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
  return `${url.origin}${url.pathname}`.replace(/\/$/, '');
}

/** Which example it is: the last part of the path. */
export function exampleIn(page: string): string {
  return new URL(page).pathname.split('/').at(-1)!;
}
