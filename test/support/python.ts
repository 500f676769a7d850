import { execFile, execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

/** The interpreter with boto3: TRIPLINE_PYTHON, or the one of the provisioned targets. */
export const python =
  process.env.TRIPLINE_PYTHON ?? fileURLToPath(new URL('../../.targets/venv/bin/python', import.meta.url));

/** The interpreter with the last versions of boto3 and AWS CLI that include the service. */
export const lastGoodPython = fileURLToPath(new URL('../../.targets/last-good/bin/python', import.meta.url));

/** Why a test that needs a Python module cannot run; undefined when it can. */
export function missingPython(module: string, interpreter = python): string | undefined {
  if (!existsSync(interpreter)) return `there is no ${interpreter}; npm run provision says why`;
  try {
    execFileSync(interpreter, ['-c', `import ${module}`], { stdio: 'ignore' });
    return undefined;
  } catch {
    return `${interpreter} cannot import ${module}`;
  }
}

/** Runs the interpreter until it exits; resolves with its output, rejects with its standard error. */
export async function runPython(
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  input?: string,
  interpreter = python,
): Promise<string> {
  const options = { env: { ...process.env, ...env }, maxBuffer: 64 * 1024 * 1024 };
  const running = promisify(execFile)(interpreter, [...args], options);
  running.child.stdin?.end(input);
  const { stdout } = await running;
  return stdout;
}
