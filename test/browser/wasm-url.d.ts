// What vite makes of an import with ?url.
declare module '*.wasm?url' {
  const url: string;
  export default url;
}
