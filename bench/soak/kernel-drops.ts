/**
 * Datagrams that IPv4 sockets of a local port had no room for, as /proc/net/udp tells: the last column of each socket's
 * line, whose second is the address as hexadecimal numbers.
 */
export function kernelDrops(table: string, port: number): number {
  const ending = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  return table
    .split('\n')
    .map(line => line.trim().split(/\s+/))
    .filter(([, local = '']) => local.endsWith(ending))
    .reduce((sum, columns) => sum + Number(columns.at(-1)), 0);
}
