import type { Reporter, TestCase, TestModule } from 'vitest/node';

/**
 * Closes a run with one line that a script can read, `N passed, N failed`, and turns a run red that vitest would call
 * green although it showed nothing: a test that was skipped or is only planned, or no test at all.
 */
export default class ClosingLine implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const tests = modules.flatMap(module => [...module.children.allTests()]);
    const passed = tests.filter(test => test.result().state === 'passed').length;
    const failed = tests.filter(test => test.result().state === 'failed').length;
    // 'skipped', or 'pending' for one that a failed hook or an interrupt kept from running.
    const left = tests.filter(test => ['skipped', 'pending'].includes(test.result().state));
    // A file that can't be loaded has no failed test of its own.
    const broken = modules.filter(module => module.errors().length > 0).length;

    for (const test of left) console.error(`not run: ${nameOf(test)}`);
    if (left.length > 0) console.error('a run that leaves out tests fails');
    if (passed === 0) console.error('no test passed');
    if (left.length > 0 || passed === 0) process.exitCode = 1;
    console.log(`${passed} passed, ${failed + broken} failed`);
  }
}

function nameOf(test: TestCase): string {
  return `${test.module.relativeModuleId} > ${test.fullName}`;
}
