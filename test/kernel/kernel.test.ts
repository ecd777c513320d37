import { describe } from 'vitest';
import { fakePlace } from '../kit/kernel/fake-commands.ts';
import { kernelSuite } from '../kit/kernel/suite.ts';
import { wireguardSuite } from '../kit/kernel/wireguard-suite.ts';

describe('on a kernel that is only values', () => {
  kernelSuite(async () => fakePlace(), 200);
  describe('with WireGuard by a process', () => wireguardSuite(async () => fakePlace(), 200));
});
