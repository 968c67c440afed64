/** The lock that a tab holds as long as it is there. Its name is that of every version, so that other versions see when it is gone. */
export function lockOfTab(scope: string, tab: string): string {
  return `syncline:${scope}:tab:${tab}`;
}
