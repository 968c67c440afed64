/** The text of a file, as Vite gives it. */
declare module '*?raw' {
  const text: string;
  export default text;
}

/** Where a file is served, as Vite gives it. */
declare module '*?url' {
  const url: string;
  export default url;
}

declare module '*.css' {}
