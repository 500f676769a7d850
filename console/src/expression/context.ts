import { createContext } from 'react';
import type { Names } from './names.ts';

/** What the expressions of the model in the editor may refer to. */
export const NamesContext = createContext<Names>({
  inputs: new Map(),
  variables: new Map(),
  timers: new Map(),
});
