import { describe } from 'vitest';
import { kernelSuite } from '../../kit/kernel/suite.ts';
import { wireguardSuite } from '../../kit/kernel/wireguard-suite.ts';
import { namespace } from './namespace.ts';

describe('on the kernel of this machine', () => {
  kernelSuite(() => namespace('kernel'), 8);
  describe('with WireGuard by a process', () => wireguardSuite(() => namespace('kernel'), 8));
});
