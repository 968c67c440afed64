// Finding the page's elements, and what the server has put into it.

/** The element that index.html has for this; it is a mistake of this project if there is none. */
export function element<Kind extends Element>(
  selector: string,
  kind: new () => Kind,
  within: ParentNode = document,
): Kind {
  const found = within.querySelector(selector);
  if (!(found instanceof kind)) throw new Error(`the page has no ${selector}`);
  return found;
}

/** What lets styles that are made later through the page's content security policy. */
export function pageNonce(): string {
  return document.querySelector<HTMLMetaElement>('meta[property=csp-nonce]')?.nonce ?? '';
}

/** Makes the icon of this id in index.html. */
export function icon(id: string): SVGSVGElement {
  const space = 'http://www.w3.org/2000/svg';
  const svg = document.createElementNS(space, 'svg');
  const use = document.createElementNS(space, 'use');
  use.setAttribute('href', `#icon-${id}`);
  svg.append(use);
  svg.classList.add('icon');
  svg.ariaHidden = 'true';
  return svg;
}
