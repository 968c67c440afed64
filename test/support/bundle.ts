// The client SDK as an app's bundler would put it into a page.
import { fileURLToPath } from 'node:url';
import { type Alias, build, type Rolldown } from 'vite';

const entries = {
  yjs: fileURLToPath(new URL('../../client/src/index.ts', import.meta.url)),
  automerge: fileURLToPath(new URL('../../client/src/automerge.ts', import.meta.url)),
};

/** The entry point of an engine as one minified module for browsers; what `isExternal` names is left to be imported. */
export async function bundleClient(
  engine: keyof typeof entries,
  isExternal: (module: string) => boolean,
): Promise<string> {
  return bundle(entries[engine], isExternal);
}

/** Any module, with everything that it imports, styles included; `alias` is that of an app's own configuration. */
export async function bundle(
  entry: string,
  isExternal: (module: string) => boolean = () => false,
  alias: readonly Alias[] = [],
): Promise<string> {
  const [built] = (await build({
    configFile: false,
    logLevel: 'error',
    resolve: { alias },
    build: {
      write: false,
      minify: true,
      lib: { entry, formats: ['es'] },
      // Of a library vite keeps the white space otherwise, which a page's bundler does not.
      rolldownOptions: { external: isExternal, output: { minify: true } },
    },
  })) as Rolldown.RolldownOutput[];
  const { output } = built!;
  const code = output.find((file) => file.type === 'chunk')?.code;
  if (code === undefined) throw new Error('the bundler gave no code');
  const styles = output.flatMap((file) =>
    file.type === 'asset' && file.fileName.endsWith('.css') ? [putting(file.source)] : [],
  );
  return [...styles, code].join('\n');
}

/** A page of one module has no other place for a style. */
function putting(style: string | Uint8Array): string {
  return `document.head.appendChild(document.createElement('style')).textContent = ${JSON.stringify(String(style))};`;
}
