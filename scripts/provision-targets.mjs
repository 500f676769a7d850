#!/usr/bin/env node
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';

/*
 * Installs what `test/targets` runs against: an AWS emulator in a Python environment of its own under `.targets/`,
 * and the Mosquitto broker from the system's packages where that is allowed. Says what it could not do: the tests
 * that need it are skipped then, but not in CI, where this fails.
 */

const FOLDER = new URL('../.targets/', import.meta.url);
const REQUIREMENTS = new URL('../test/targets/requirements.txt', import.meta.url);
const VENV = new URL('venv/', FOLDER);
const STAMP = new URL('stamp', FOLDER);

const problems = [installPython(), installMosquitto()].filter((problem) => problem !== undefined);
for (const problem of problems) process.stderr.write(`targets: ${problem}\n`);
if (problems.length > 0 && process.env.CI) process.exit(1);

/** Gives what kept it from being done. */
function installPython() {
  const wanted = createHash('sha256').update(readFileSync(REQUIREMENTS)).digest('hex');
  if (existsSync(STAMP) && readFileSync(STAMP, 'utf8') === wanted) return undefined;
  const python = ['python3', 'python'].find((name) => spawnSync(name, ['--version']).status === 0);
  if (python === undefined) return 'no Python 3 found; the tests against the AWS emulator are skipped';
  process.stderr.write('targets: installing the AWS emulator for the tests (once, about half a minute)\n');
  rmSync(FOLDER, { recursive: true, force: true });
  mkdirSync(FOLDER, { recursive: true });
  try {
    execFileSync(python, ['-m', 'venv', VENV.pathname], { stdio: 'pipe' });
    const pip = new URL('bin/pip', VENV).pathname;
    const options = ['--quiet', '--disable-pip-version-check', '--no-input'];
    execFileSync(pip, ['install', ...options, '-r', REQUIREMENTS.pathname], { stdio: 'pipe' });
  } catch (error) {
    rmSync(FOLDER, { recursive: true, force: true });
    return `the AWS emulator could not be installed; its tests are skipped: ${said(error)}`;
  }
  writeFileSync(STAMP, wanted);
  return undefined;
}

function installMosquitto() {
  if (existsSync('/usr/sbin/mosquitto') || spawnSync('mosquitto', ['-h']).error === undefined)
    return undefined;
  const advice = 'the tests against Mosquitto are skipped';
  if (process.platform !== 'linux' || process.getuid?.() !== 0 || spawnSync('apt-get', ['--version']).error)
    return `no mosquitto found, and no right to install it; ${advice}`;
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' };
  try {
    execFileSync('apt-get', ['update', '-qq'], { env, stdio: 'pipe' });
    execFileSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', 'mosquitto'], {
      env,
      stdio: 'pipe',
    });
  } catch (error) {
    return `mosquitto could not be installed; ${advice}: ${said(error)}`;
  }
  return undefined;
}

function said(error) {
  return String(error.stderr?.toString().trim().split('\n').at(-1) || error.message);
}
