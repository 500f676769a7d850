import { execFile, execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

/** The interpreter that has boto3: TRIPLINE_PYTHON, or the one of the provisioned targets. */
export const python =
  process.env.TRIPLINE_PYTHON ?? fileURLToPath(new URL('../../.targets/venv/bin/python', import.meta.url));

/** Why a test that needs a Python module cannot run; undefined when it can. */
export function missingPython(module: string): string | undefined {
  if (process.env.TRIPLINE_PYTHON === undefined && !existsSync(python))
    return `there is no ${python}, and no TRIPLINE_PYTHON`;
  try {
    execFileSync(python, ['-c', `import ${module}`], { stdio: 'ignore' });
    return undefined;
  } catch {
    return `${python} cannot import ${module}`;
  }
}

/** Runs the interpreter to its end; rejects with what it wrote on standard error. */
export async function runPython(args: readonly string[], env: NodeJS.ProcessEnv): Promise<string> {
  const { stdout } = await promisify(execFile)(python, [...args], { env: { ...process.env, ...env } });
  return stdout;
}
