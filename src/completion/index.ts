import { bash } from './bash.ts';
import { fish } from './fish.ts';
import type { Grammar } from './grammar.ts';
import { zsh } from './zsh.ts';

/** Every shell, and the script that tells it what may be typed. */
export const SHELLS: Readonly<Record<'bash' | 'zsh' | 'fish', (grammar: Grammar) => string>> = {
  bash,
  zsh,
  fish,
};
