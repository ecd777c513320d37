import { describe } from 'vitest';
import { kernelSuite } from '../../kit/kernel/suite.ts';
import { namespace } from './namespace.ts';

describe('on the kernel of this machine', () => {
  kernelSuite(() => namespace('kernel'), 8);
});
