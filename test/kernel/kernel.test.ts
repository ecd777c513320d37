import { describe } from 'vitest';
import { FakeCommands } from '../kit/kernel/fake-commands.ts';
import { kernelSuite } from '../kit/kernel/suite.ts';

describe('on a kernel that is only values', () => {
  kernelSuite(async () => {
    const commands = new FakeCommands();
    return { commands, sysctls: commands.sysctls, remove: async () => {} };
  }, 200);
});
