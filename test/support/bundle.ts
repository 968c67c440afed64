// The client SDK as an app's bundler would put it into a page.
import { fileURLToPath } from 'node:url';
import { build, type Rolldown } from 'vite';

const client = fileURLToPath(new URL('../../client/src/index.ts', import.meta.url));

/** One minified module for browsers; what `isExternal` names is left to be imported. */
export async function bundleClient(isExternal: (module: string) => boolean): Promise<string> {
  return bundle(client, isExternal);
}

/** Any module, with everything that it imports. */
export async function bundle(
  entry: string,
  isExternal: (module: string) => boolean = () => false,
): Promise<string> {
  const [built] = (await build({
    configFile: false,
    logLevel: 'error',
    build: {
      write: false,
      minify: true,
      lib: { entry, formats: ['es'] },
      rolldownOptions: { external: isExternal },
    },
  })) as Rolldown.RolldownOutput[];
  const code = built!.output.find((file) => file.type === 'chunk')?.code;
  if (code === undefined) throw new Error('the bundler gave no code');
  return code;
}
