/** Octets of a struct sock_filter: a code, how far to jump where that holds and where not, and what to work on. */
const INSTRUCTION = 8;
const LOAD_WORD = 0x20;
const JUMP_IF_EQUAL = 0x15;
const RETURN = 0x06;
/** Where the CPU stands that the datagram arrived on (SKF_AD_OFF + SKF_AD_CPU). */
const ARRIVED_ON = 0xffff_f024;
/** No group is as large; for what is no index in it the kernel takes its hash. */
const NO_SOCKET = 0xffff_ffff;

/**
 * The program that says which socket of a group gets a datagram: that of the CPU it arrived on, and where there is none
 * the one that the kernel's hash says. CPUs are named one by one. The usual remainder of a division takes them for the
 * first ones of the machine, gives some sockets twice as much as others where there are fewer sockets than CPUs, and is
 * no longer true once a socket was closed.
 *
 * @param cpus of the sockets, in the order of the group; undefined: it has none
 */
export function steeringProgram(cpus: readonly (number | undefined)[]): Uint8Array {
  const choices = cpus.flatMap((cpu, index) =>
    cpu === undefined ? [] : [instruction(JUMP_IF_EQUAL, cpu, 1), instruction(RETURN, index)],
  );
  return Buffer.concat([instruction(LOAD_WORD, ARRIVED_ON), ...choices, instruction(RETURN, NO_SOCKET)]);
}

/** @param otherwise instructions passed over where the code says no */
function instruction(code: number, operand: number, otherwise = 0): Uint8Array {
  const octets = Buffer.alloc(INSTRUCTION);
  octets.writeUInt16LE(code, 0);
  octets.writeUInt8(otherwise, 3);
  octets.writeUInt32LE(operand, 4);
  return octets;
}
