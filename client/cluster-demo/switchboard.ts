// Turns the links' switches. What came of it the next snapshot tells.

export async function cut(links: readonly string[], isCut: boolean): Promise<void> {
  await fetch('links', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ links, isCut }),
  });
}
