import { isInstalled } from './process.ts';

/** Runs once before all files, so that what is missing is said once. */
export default function setUp(): void {
  if (process.platform !== 'linux') throw new Error(`npm run e2e needs Linux; this is ${process.platform}`);
  if (!isInstalled('dig'))
    throw new Error('npm run e2e needs dig: install the Debian package bind9-dnsutils');
}
