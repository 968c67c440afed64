// How the pages are built.
import { defineConfig, type UserConfig } from 'vite';

/** Of the page in the folder `name`, which is a path from the folder beside which this one lies. */
export function pageConfig(name: string): UserConfig {
  return defineConfig({
    // Relative, so that the page also works below a path of a reverse proxy.
    base: './',
    publicDir: false,
    // The server puts the nonce of each answer in its place; without it the editor could not add its styles.
    html: { cspNonce: 'SYNCLINE-NONCE' },
    build: {
      outDir: `${'../'.repeat(name.split('/').length)}dist/${name}`,
      emptyOutDir: true,
      // The page's content security policy allows files of its own origin only, so nothing becomes a data: URL.
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
    },
  });
}
