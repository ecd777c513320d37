import { expect, test } from 'vitest';
import { generatedPages, pageOnDisk } from '../kit/docs.ts';

test.each(generatedPages())('docs/$name is what `npm run docs` makes', async page => {
  expect(await pageOnDisk(page)).toBe(page.text);
});
