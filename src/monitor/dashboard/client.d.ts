/** The browser page of the folder `client`, bundled by build/dashboard-client.mjs when it is imported. */
declare module 'hotpath:dashboard-client' {
  /** Minified, uPlot included. Holds nothing that would end a script element. */
  export const script: string;
  /** Minified. Holds nothing that would end a style element. */
  export const style: string;
  /** The document, with `<!-- style -->` and `<!-- script -->` where the others go. */
  export const markup: string;
}
