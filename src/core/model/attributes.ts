import type { Step } from '../expression/index.ts';
import { pathReader, type Read } from '../expression/path-reader.ts';

/** What a model reads of the messages on one input at one path. */
export interface CompiledAttribute {
  /** Unique in the model and stable across its versions: `Reading.sensor.values[2]`. */
  readonly name: string;
  /** Where a detector stores the value. */
  readonly place: number;
  readonly path: readonly Step[];
  /** Extracts the value from a payload. */
  readonly read: Read;
}

/** The attributes that a model's expressions read. Each is allotted a place on first use. */
export class AttributeAllotment {
  readonly #placeNames: string[];
  /** By name. */
  readonly places = new Map<string, number>();
  /** By input number. */
  readonly byInput: CompiledAttribute[][] = [];

  /** `placeNames` is the list of all places, shared with the allotment of variables. */
  constructor(placeNames: string[]) {
    this.#placeNames = placeNames;
  }

  place(input: number, inputName: string, path: readonly Step[]): number {
    const name = attributeName(inputName, path);
    const known = this.places.get(name);
    if (known !== undefined) return known;
    const place = this.#placeNames.push(name) - 1;
    const attribute = { name, place, path, read: pathReader(path) };
    this.places.set(name, place);
    this.byInput[input] ??= [];
    this.byInput[input].push(attribute);
    return place;
  }
}

/** Returns a name such as `Reading.sensor.values[2]`. */
export function attributeName(inputName: string, path: readonly Step[]): string {
  return inputName + path.map(textOf).join('');
}

function textOf(step: Step): string {
  if (typeof step === 'number') return `[${step}]`;
  return /^\w+$/.test(step) ? `.${step}` : `.${JSON.stringify(step)}`;
}
