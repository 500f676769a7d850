import { fileURLToPath } from 'node:url';
import { createContext, runInContext } from 'node:vm';
import { rolldown } from 'rolldown';

/**
 * Bundles a module of this folder for browsers, and runs it in a context with only the language and what `web` names.
 * Resolves with a function that calls its exports: texts in, a text out.
 */
export async function loadInBrowser(
  file: string,
  web: Readonly<Record<string, unknown>>,
): Promise<(name: string, ...args: string[]) => string> {
  const input = fileURLToPath(new URL(`./${file}`, import.meta.url));
  const bundle = await rolldown({ input, platform: 'browser', logLevel: 'warn' });
  const { output } = await bundle.generate({ format: 'iife', name: 'bundle' });
  await bundle.close();
  const [{ code, imports }, ...others] = output;
  if (imports.length + others.length > 0)
    throw new Error(`${file} is not one file by itself: it imports ${imports.join(', ')}`);
  const context = createContext({ ...web });
  runInContext(code, context);
  return (name, ...args) =>
    runInContext(`bundle.${name}(${args.map((arg) => JSON.stringify(arg)).join(', ')})`, context) as string;
}
