import { defineConfig } from 'vite';

export default defineConfig({
  // Relative, so that the page also works below a path of a reverse proxy.
  base: './',
  publicDir: false,
  // The server puts the nonce of each answer in its place; without it the editor could not add its styles.
  html: { cspNonce: 'SYNCLINE-NONCE' },
  build: {
    outDir: '../dist/demo',
    emptyOutDir: true,
    // The page's content security policy allows files of its own origin only, so nothing becomes a data: URL.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
});
