import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { advise, analyse } from '../src/core/model/analysis/index.ts';
import type { DetectorModelDefinition } from '../src/core/model/definition.ts';
import { DEFAULT_LIMITS } from '../src/limits.ts';

const FOLDER = new URL('../examples/pump-station/', import.meta.url);
const read = (file: string) => JSON.parse(readFileSync(new URL(file, FOLDER), 'utf8'));
const inputs: { inputName: string; inputDefinition: { attributes: { jsonPath: string }[] } }[] =
  read('inputs.json');

test.each(readdirSync(FOLDER).filter((file) => /^pump-.*\.json$/.test(file)))(
  'the analysis has nothing to object to in %s',
  (file) => {
    const definition: DetectorModelDefinition = read(file).detectorModelDefinition;
    const context = {
      limits: DEFAULT_LIMITS,
      hasInput: (name: string) => inputs.some(({ inputName }) => inputName === name),
      attributesOf: (name: string) =>
        inputs
          .find(({ inputName }) => inputName === name)
          ?.inputDefinition.attributes.map(({ jsonPath }) => jsonPath),
    };
    const findings = [...analyse(definition, context), ...advise(definition, context)];
    expect(findings.filter(({ level }) => level !== 'INFO')).toEqual([]);
  },
);
