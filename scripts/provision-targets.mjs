#!/usr/bin/env node
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';

/*
 * Installs the services for `test/targets`: an AWS emulator in a Python environment under `.targets/`, and the
 * Mosquitto broker, its clients and Chromium, for the console, from the system's packages where permitted. Reports what
 * could not be installed: the tests that need it are skipped then, except in CI, where this fails.
 */

const FOLDER = new URL('../.targets/', import.meta.url);
/**
 * Python environments with their requirements: one for the tests, one with the last clients that include the service.
 */
const ENVIRONMENTS = { venv: 'requirements.txt', 'last-good': 'requirements-last-good.txt' };

const problems = [
  ...Object.entries(ENVIRONMENTS).map(installPython),
  installMosquitto(),
  installMosquittoClients(),
  installChromium(),
].filter((problem) => problem !== undefined);
for (const problem of problems) process.stderr.write(`targets: ${problem}\n`);
if (problems.length > 0 && process.env.CI) process.exit(1);

/** Returns the reason when the installation fails. */
function installPython([name, file]) {
  const requirements = new URL(`../test/support/${file}`, import.meta.url);
  const folder = new URL(`${name}/`, FOLDER);
  const stamp = new URL('installed', folder);
  const wanted = createHash('sha256').update(readFileSync(requirements)).digest('hex');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return undefined;
  const python = ['python3', 'python'].find((each) => spawnSync(each, ['--version']).status === 0);
  if (python === undefined) return `no Python 3 found; the tests that need ${file} are skipped`;
  process.stderr.write(`targets: installing ${file} for the tests (once, about half a minute)\n`);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  try {
    execFileSync(python, ['-m', 'venv', folder.pathname], { stdio: 'pipe' });
    const pip = new URL('bin/pip', folder).pathname;
    const options = ['--quiet', '--disable-pip-version-check', '--no-input'];
    execFileSync(pip, ['install', ...options, '-r', requirements.pathname], { stdio: 'pipe' });
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    return `${file} could not be installed; the tests that need it are skipped: ${said(error)}`;
  }
  writeFileSync(stamp, wanted);
  return undefined;
}

function installMosquitto() {
  if (existsSync('/usr/sbin/mosquitto') || spawnSync('mosquitto', ['-h']).error === undefined)
    return undefined;
  return installPackage('mosquitto', 'the tests against Mosquitto are skipped');
}

function installMosquittoClients() {
  if (spawnSync('mosquitto_sub', ['--help']).error === undefined) return undefined;
  return installPackage('mosquitto-clients', 'the tests with its clients are skipped');
}

function installChromium() {
  const places = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
  if (places.some((place) => existsSync(place))) return undefined;
  return installPackage('chromium', 'the tests of the console in a browser are skipped');
}

function installPackage(name, advice) {
  if (process.platform !== 'linux' || process.getuid?.() !== 0 || spawnSync('apt-get', ['--version']).error)
    return `no ${name} found, and no right to install it; ${advice}`;
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' };
  try {
    execFileSync('apt-get', ['update', '-qq'], { env, stdio: 'pipe' });
    execFileSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', name], {
      env,
      stdio: 'pipe',
    });
  } catch (error) {
    return `${name} could not be installed; ${advice}: ${said(error)}`;
  }
  return undefined;
}

function said(error) {
  return String(error.stderr?.toString().trim().split('\n').at(-1) || error.message);
}
