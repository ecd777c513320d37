/** What was looked for, or why it could not be found out. What is unknown is never taken for good, nor for nothing. */
export type Known<Value> = { readonly value: Value } | { readonly unknown: string };
