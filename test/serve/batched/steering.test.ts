import fc from 'fast-check';
import { expect, test } from 'vitest';
import { steeringProgram } from '../../../src/serve/batched/steering.ts';

test('its octets: load the CPU; compare, return the index; return what is no index', () => {
  expect(
    Buffer.from(steeringProgram([4, undefined, 300]))
      .toString('hex')
      .match(/.{16}/g),
  ).toEqual([
    '2000000024f0ffff',
    '1500000104000000',
    '0600000000000000',
    '150000012c010000',
    '0600000002000000',
    '06000000ffffffff',
  ]);
});

/** Runs a program as the kernel does. */
function run(program: Buffer, cpu: number): number {
  let loaded = 0;
  for (let at = 0; ; at += 8) {
    const operand = program.readUInt32LE(at + 4);
    const code = program.readUInt16LE(at);
    if (code === 0x06) return operand;
    if (code === 0x20 && operand === 0xffff_f024) loaded = cpu;
    else if (code === 0x15) at += 8 * program.readUInt8(at + (loaded === operand ? 2 : 3));
    else throw new Error(`instruction ${code} at ${at}`);
  }
}

test('each CPU has its socket, and the others have none', () => {
  const cpus = fc.uniqueArray(fc.integer({ min: 0, max: 8191 }), { minLength: 1, maxLength: 64 });
  fc.assert(
    fc.property(cpus, fc.array(fc.boolean()), fc.integer({ min: 0, max: 8191 }), (all, bound, other) => {
      const order = all.map((cpu, index) => (bound[index] === false ? undefined : cpu));
      const program = Buffer.from(steeringProgram(order));
      for (const cpu of [...all, other]) {
        const index = order.indexOf(cpu);
        expect(run(program, cpu)).toBe(index < 0 ? 0xffff_ffff : index);
      }
    }),
  );
});
