// Which document names a grant speaks of.

/** `*` stands for any characters but a slash, `**` for any characters at all; everything else for itself. */
export function matchesPattern(pattern: string, name: string): boolean {
  // Compared by hand and not by a regular expression, which a pattern of many stars would make exponential.
  return matchFrom(tokens(pattern), name);
}

type Token = { readonly text: string } | { readonly crossesSlash: boolean };

function tokens(pattern: string): Token[] {
  return (pattern.match(/\*\*|\*|[^*]+/g) ?? []).map((part) =>
    part.startsWith('*') ? { crossesSlash: part === '**' } : { text: part },
  );
}

/** The ends of all prefixes of the name that the tokens so far can stand for, one token after the other. */
function matchFrom(parts: readonly Token[], name: string): boolean {
  let ends = new Set([0]);
  for (const part of parts) {
    const next = new Set<number>();
    for (const end of ends) {
      if ('text' in part) {
        if (name.startsWith(part.text, end)) next.add(end + part.text.length);
        continue;
      }
      for (let at = end; at <= name.length; at++) {
        // What a shorter prefix has reached already, this one would only reach again.
        if (next.has(at)) break;
        next.add(at);
        if (!part.crossesSlash && name[at] === '/') break;
      }
    }
    ends = next;
  }
  return ends.has(name.length);
}
