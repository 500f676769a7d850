import { readFileSync } from 'node:fs';
import { Ajv, type ErrorObject } from 'ajv';
import { isArray } from '../../core/expression/json.ts';
import { type Json, WholeDecimal } from '../../core/expression/value.ts';
import { isObject } from '../payload.ts';

/** A violation of the JSON Schema for scenario files. */
export interface SchemaFault {
  /** Member names and indexes from the root. */
  readonly path: readonly (string | number)[];
  readonly message: string;
}

const SCHEMA = new URL('../../../schemas/scenario.schema.json', import.meta.url);

let compiled: ReturnType<typeof compile> | undefined;

/** Validates the content of a scenario file against the published schema. */
export function validateScenarioFile(content: Json): readonly SchemaFault[] {
  if (!isObject(content))
    return [{ path: [], message: 'A scenario file is an object with models and scenarios' }];
  compiled ??= compile();
  // Choose one of the two forms, to avoid reporting the faults of the other as well.
  const kind = content.scenarios === undefined && content.steps !== undefined ? 'single' : 'file';
  const validate = compiled[kind];
  if (validate(plain(content))) return [];
  // The errors of a combination repeat those of its parts.
  const isPart = ({ keyword, schemaPath }: ErrorObject) => keyword === 'if' || schemaPath.includes('/oneOf/');
  return (validate.errors ?? []).filter((error) => !isPart(error)).map(faultOf);
}

function compile() {
  const schema = JSON.parse(readFileSync(SCHEMA, 'utf8'));
  const ajv = new Ajv({ allErrors: true, allowUnionTypes: true, strictTypes: false, strictRequired: false });
  ajv.addSchema(schema, 'scenarios');
  const part = (name: string) => ajv.compile({ $ref: `scenarios#/definitions/${name}` });
  return { file: part('file'), single: part('single') };
}

function faultOf({ keyword, instancePath, params, message = '' }: ErrorObject): SchemaFault {
  const path = instancePath
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
    .map((part) => (/^\d+$/.test(part) ? Number(part) : part));
  switch (keyword) {
    case 'additionalProperties':
      return { path: [...path, String(params.additionalProperty)], message: 'There is no such member' };
    case 'required':
      return { path, message: `${params.missingProperty} is missing` };
    case 'oneOf':
      return { path, message: `A step has exactly one of ${STEP_KINDS}` };
    case 'enum':
      return { path, message: `must be one of ${(params.allowedValues as unknown[]).join(', ')}` };
    case 'const':
      return { path, message: `must be ${params.allowedValue}` };
    case 'minItems':
    case 'minLength':
      return { path, message: 'must not be empty' };
    case 'type':
      return { path, message: `must be ${[params.type].flat().join(' or ')}` };
    case 'anyOf':
      return { path, message: 'does not match any of the allowed forms' };
    default:
      return { path, message };
  }
}

const STEP_KINDS = 'send, advance, advanceTo, alarm, setDetector, deleteDetector, expect';

/** Converts numbers to those of JavaScript. */
function plain(value: Json): unknown {
  if (value instanceof WholeDecimal) return value.value;
  if (typeof value === 'bigint') return Number(value);
  if (isArray(value)) return value.map(plain);
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, plain(member)]));
}
