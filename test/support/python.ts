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

/** Runs the interpreter to its end and gives what it printed; rejects with what it wrote on standard error. */
export async function runPython(
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  input?: string,
): Promise<string> {
  const options = { env: { ...process.env, ...env }, maxBuffer: 64 * 1024 * 1024 };
  const running = promisify(execFile)(python, [...args], options);
  running.child.stdin?.end(input);
  const { stdout } = await running;
  return stdout;
}
