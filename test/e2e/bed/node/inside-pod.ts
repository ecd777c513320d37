/** Arguments of nsenter(1) for the namespaces of a pod, which a process of it stands for. */
export function insidePod(process: number): string[] {
  return ['--target', `${process}`, '--net', '--mount', '--uts'];
}
