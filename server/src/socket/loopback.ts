// Which addresses and origins are this machine's own.

export function isLoopback(host: string): boolean {
  // Browsers take every name below localhost for this machine, whatever a name server says.
  return (
    host === 'localhost' || host.endsWith('.localhost') || host === '::1' || /^127\.\d+\.\d+\.\d+$/.test(host)
  );
}

/**
 * Without authentication any page that a browser on this machine shows could read and write every document: browsers do not
 * keep pages from opening WebSockets elsewhere. A name that an attacker makes point here is no loopback name.
 */
export function isLoopbackOrigin(origin: string): boolean {
  return URL.canParse(origin) && isLoopback(new URL(origin).hostname.replace(/^\[|\]$/g, ''));
}
