// The types of browser.mjs, which is plain JavaScript because it runs before the pinned Node is installed.
export function bringBrowser(root: string): Promise<string | undefined>;
export function findBrowser(root: string): string | undefined;
