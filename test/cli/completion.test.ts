import { spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { runCli } from '../support/run-cli.ts';

/* Runs the scripts of `tripline completion` the way the shells do. */

const scriptOf = async (shell: string) => (await runCli('completion', shell)).out;
const has = (shell: string) => spawnSync(shell, ['-c', 'exit 0']).status === 0;

async function complete(...words: string[]): Promise<string[]> {
  const line = ['tripline', ...words].map((word) => `'${word}'`).join(' ');
  const ask = `COMP_WORDS=(${line}); COMP_CWORD=${words.length}; _tripline; printf '%s\n' "\${COMPREPLY[@]}"`;
  const { stdout, stderr } = spawnSync('bash', ['-c', `${await scriptOf('bash')}\n${ask}`], {
    encoding: 'utf8',
  });
  expect(stderr).toBe('');
  return stdout.split('\n').filter((word) => word !== '');
}

describe('bash', () => {
  test('commands, and those below them', async () => {
    expect(await complete('simu')).toEqual(['simulate']);
    expect(await complete('actions', '')).toContain('redrive');
  });

  test('options, also behind arguments', async () => {
    expect(await complete('import', 'x.yaml', '--par')).toEqual(['--parameter']);
    expect(await complete('--ver')).toEqual(['--version']);
  });

  test('the values of an option and of an argument', async () => {
    expect(await complete('export', 'http://x', '--format', '')).toEqual([
      'api',
      'cloudformation',
      'terraform',
    ]);
    expect(await complete('completion', 'z')).toEqual(['zsh']);
  });

  test('nothing of its own where a file is expected', async () => {
    expect(await complete('import', 'x')).toEqual([]);
  });
});

test.each(['zsh', 'fish'])(
  'the script for %s is one that the shell reads (skipped where there is none)',
  async (shell) => {
    const script = await scriptOf(shell);
    expect(script).toContain('cloudformation');
    if (!has(shell)) return;
    const { status, stderr } = spawnSync(shell, ['-n'], { input: script, encoding: 'utf8' });
    expect([status, stderr]).toEqual([0, '']);
  },
);

test('another shell is wrong use', async () => {
  expect((await runCli('completion', 'tcsh')).code).toBe(2);
});
