/** A file of the bundle, with what was left out of it. */
export interface BundledFile {
  readonly path: string;
  readonly text: string;
  /** Undefined: it is whole. */
  readonly cut?: string;
}
