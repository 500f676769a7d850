import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { loadModels } from '../../src/load/load-models.ts';
import { CORPUS_MISSING, SHARED } from './corpus.ts';

/*
 * Every published file imports, or is refused for the reason given in docs/migrating.md; and each template yields what
 * others derived from it by hand (`models/` and `inputs/` come from the same templates).
 */

const CORPUS = new URL('corpus/', SHARED);

function pathsIn(folder: string): string[] {
  const at = new URL(`${folder}/`, CORPUS);
  return existsSync(at) ? readdirSync(at).map((file) => fileURLToPath(new URL(file, at))) : [];
}

/** The rows of the table in the documentation: file name to reason. */
function refusals(): Map<string, string> {
  const page = readFileSync(new URL('../../docs/migrating.md', import.meta.url), 'utf8');
  const section = page.slice(page.indexOf('## Published files that are refused'));
  const rows = section.slice(0, section.indexOf('\n## ', 5)).matchAll(/^\| `([^`]+)` \| (.+) \|$/gm);
  return new Map([...rows].map(([, file = '', why = '']) => [file, why]));
}

const FILES = ['models', 'inputs', 'alarms', 'templates', 'payloads'].flatMap(pathsIn);

describe.skipIf(CORPUS_MISSING)('published files (skipped where the corpus is absent)', () => {
  test.each(FILES.map((path) => [path.split('/').at(-1) ?? '', path]))('%s', (file, path) => {
    const { findings, inputs, detectorModels, alarmModels } = loadModels([path]);
    const errors = findings.filter(({ level }) => level === 'ERROR');
    expect(errors.length > 0).toBe(refusals().has(file));
    if (errors.length === 0)
      expect(inputs.length + detectorModels.length + alarmModels.length).toBeGreaterThan(0);
  });

  test('each refusal is for the reason that the table states', () => {
    const messages = (start: string) =>
      loadModels(FILES.filter((path) => path.includes(`/${start}`)))
        .findings.filter(({ level }) => level === 'ERROR')
        .map(({ message }) => message)
        .join('\n');
    expect(messages('018')).toMatch(/<generated>[\s\S]*<DetectorModelRef>[\s\S]*must use at least one Input/);
    expect(messages('019')).toMatch(/<generated>[\s\S]*'Variable 1'/);
    expect(messages('020')).toMatch(/&gt;/);
    for (const start of ['023', '024']) expect(messages(start)).toMatch(/\$input\.<Ref:myInput>\.foo/);
    expect(messages('batch')).toMatch(/is not recognised/);
  });
});

const TEMPLATES = [
  ['cdk-detector-model.template.json', '016', 'I10'],
  ['cdk-timer-actions.template.json', '014', 'I11'],
  ['cdk-lambda-action.template.json', '015', 'I11'],
  ['lorawan-soilmoisture.sam.yaml', '005', 'I04'],
] as const;

describe.skipIf(CORPUS_MISSING)('published templates (skipped where the corpus is absent)', () => {
  test.each(TEMPLATES)('%s', (template, model, input) => {
    const path = fileURLToPath(new URL(`templates/${template}`, CORPUS));
    const { detectorModels, inputs } = loadModels([path], {
      stackName: 'MyStack',
      accountId: '123456789012',
    });
    expect(withMarks(detectorModels[0]?.request)).toMatchObject(byHand('models', model));
    expect(withMarks(inputs[0]?.request)).toMatchObject(byHand('inputs', input));
  });
});

/** Derived by hand from the same template; a reference without a value is written as `<Ref>`. */
function byHand(folder: string, start: string): object {
  const path = pathsIn(folder).find((each) => each.includes(`/${start}`)) ?? '';
  const { _source, _format, ...request } = JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>;
  return request;
}

function withMarks(request: unknown): unknown {
  return JSON.parse(JSON.stringify(request).replaceAll(/unresolved\(([^)]*)\)/g, '<$1>'));
}
