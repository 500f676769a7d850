import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { nearest } from '../core/expression/index.ts';
import { advise, analyse, type Finding } from '../core/model/analysis/index.ts';
import type { DetectorModelDefinition } from '../core/model/definition.ts';
import { DEFAULT_LIMITS } from '../limits.ts';
import { CommandError, UsageError } from '../server/usage-error.ts';
import { ServiceError } from '../wire/errors.ts';
import { compileReader } from '../wire/reader.ts';
import { OPERATIONS } from '../wire/service/table.ts';
import { type UnknownMember, unknownMembers } from '../wire/unknown-members.ts';

/** `tripline analyze`: what the service would say of a detector model, and what we have to add. */
export function analyzeCommand(setExitCode: (code: number) => void): Command {
  return new Command('analyze')
    .description('Find faults in a detector model before it is created')
    .argument(
      '<file>',
      'JSON: a definition, a CreateDetectorModel request, or the answer of DescribeDetectorModel',
    )
    .option('--input <files...>', 'JSON of the inputs that it reads; without, every input is taken to exist')
    .option('--json', 'JSON for programs')
    .addHelpText('after', EXAMPLE)
    .action((file: string, { input, json }: { readonly input?: string[]; readonly json?: boolean }) => {
      const { definition, unknown } = readDefinition(file);
      const findings = [...unknown, ...findingsOf(definition, input)];
      print(json === true ? JSON.stringify({ findings }, null, 2) : render(findings));
      setExitCode(findings.some(({ level }) => level === 'ERROR') ? 1 : 0);
    });
}

const EXAMPLE = `
Exit code 1 when there is an ERROR: such a model is not created.

Example:
  tripline analyze pump.json --input pump-input.json`;

function findingsOf(definition: DetectorModelDefinition, files: readonly string[] | undefined): Finding[] {
  const inputs = files && new Map(files.flatMap(readInputs));
  const context = {
    limits: DEFAULT_LIMITS,
    hasInput: (name: string) => inputs?.has(name) ?? true,
    attributesOf: (name: string) => inputs?.get(name),
  };
  return [...analyse(definition, context), ...advise(definition, context)];
}

/** From any of the forms in which a model is kept (spec: integrations 5), checked as the API checks it. */
function readDefinition(file: string): {
  readonly definition: DetectorModelDefinition;
  readonly unknown: readonly Finding[];
} {
  const content = readJson(file);
  const { detectorModel } = content as { readonly detectorModel?: object };
  const request = (detectorModel ?? content) as { readonly detectorModelDefinition?: object };
  const detectorModelDefinition = request.detectorModelDefinition ?? request;
  const operation = OPERATIONS.find(({ name }) => name === 'StartDetectorModelAnalysis');
  if (operation === undefined) throw new Error('The table has no StartDetectorModelAnalysis');
  try {
    const body = { detectorModelDefinition: withoutNulls(detectorModelDefinition) };
    const read = compileReader(operation)({ path: {}, query: new URLSearchParams(), body });
    const definition = (read as typeof body).detectorModelDefinition as DetectorModelDefinition;
    return {
      definition,
      unknown: unknownMembers(detectorModelDefinition, SHAPE, operation.shapes).map(leftOut),
    };
  } catch (error) {
    if (error instanceof ServiceError)
      throw new CommandError(`${file} is no detector model: ${error.message}`);
    throw error;
  }
}

const SHAPE = 'DetectorModelDefinition';

/** The API leaves out what it does not know, without a word. */
function leftOut({ path, name, known }: UnknownMember): Finding {
  const near = nearest(name, known);
  const where = path === '' ? '' : ` (${path})`;
  const hint = near === undefined ? '' : ` Did you mean ${near}?`;
  const message = `The API has no member ${name}${where}; it is left out.${hint}`;
  const locations = [{ path: path === '' ? name : `${path}.${name}` }];
  return { type: 'advice', level: 'WARNING', message, locations };
}

/** Consoles export `null` for what is absent. */
function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value).filter(([, member]) => member !== null);
  return Object.fromEntries(members.map(([name, member]) => [name, withoutNulls(member)]));
}

function readInputs(file: string): [name: string, attributes: string[]][] {
  const content = readJson(file);
  return (Array.isArray(content) ? content : [content]).map((each) => {
    const { input, ...own } = each as Record<string, never>;
    const { inputConfiguration, inputDefinition, inputName } = (input ?? own) as {
      inputConfiguration?: { inputName: string };
      inputName?: string;
      inputDefinition?: { attributes?: { jsonPath: string }[] };
    };
    const name = inputName ?? inputConfiguration?.inputName;
    if (typeof name !== 'string' || !Array.isArray(inputDefinition?.attributes))
      throw new CommandError(`${file} is no input: it wants inputName and inputDefinition.attributes`);
    return [name, inputDefinition.attributes.map(({ jsonPath }) => jsonPath)];
  });
}

function readJson(file: string): unknown {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new UsageError(`${file} cannot be read: ${(error as Error).message}`);
  }
  try {
    const content: unknown = JSON.parse(text);
    if (typeof content === 'object' && content !== null) return content;
    throw new CommandError(`${file} holds no object`);
  } catch (error) {
    if (error instanceof CommandError) throw error;
    throw new CommandError(`${file} is not JSON: ${(error as Error).message}`);
  }
}

function render(findings: readonly Finding[]): string {
  const lines = findings.map(({ level, type, message, locations, detail }) => {
    const where = locations.map(({ path }) => path).join(', ');
    const more = detail === undefined ? '' : `\n${detail.replaceAll(/^/gm, '    ')}`;
    return `${level.padEnd(7)} ${type}  ${where === '' ? '' : `${where}: `}${message}${more}`;
  });
  const count = (wanted: Finding['level']) => findings.filter(({ level }) => level === wanted).length;
  return [...lines, `${count('ERROR')} errors, ${count('WARNING')} warnings, ${count('INFO')} notes`].join(
    '\n',
  );
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
