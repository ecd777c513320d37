/** What the kernel, itself or by the mouth of a program, would not do. */
export interface Refusal {
  /** The line or setting that was refused; of a transaction all of it was. */
  readonly what: string;
  readonly message: string;
}
