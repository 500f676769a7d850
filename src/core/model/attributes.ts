import type { Step } from '../expression/index.ts';
import { pathReader, type Read } from '../expression/path-reader.ts';

/** What a model reads of the messages on one input, at one path. */
export interface CompiledAttribute {
  /** Tells it apart from all others of the model, in any version: `Reading.sensor.values[2]`. */
  readonly name: string;
  /** The name as JSON text. */
  readonly nameAsJson: string;
  /** Where a detector holds it. */
  readonly place: number;
  readonly path: readonly Step[];
  /** Finds it in a payload. */
  readonly read: Read;
}

/** The attributes that a model's expressions read: the first time that one is asked for it gets a place. */
export class AttributeAllotment {
  readonly #placeNames: string[];
  /** By their names. */
  readonly places = new Map<string, number>();
  /** By the number of their input. */
  readonly byInput: CompiledAttribute[][] = [];

  /** `placeNames`: the list of places, to which others may add. */
  constructor(placeNames: string[]) {
    this.#placeNames = placeNames;
  }

  place(input: number, inputName: string, path: readonly Step[]): number {
    const name = attributeName(inputName, path);
    const known = this.places.get(name);
    if (known !== undefined) return known;
    const place = this.#placeNames.push(name) - 1;
    const attribute = { name, nameAsJson: JSON.stringify(name), place, path, read: pathReader(path) };
    this.places.set(name, place);
    this.byInput[input] = [...(this.byInput[input] ?? []), attribute];
    return place;
  }
}

/** `Reading.sensor.values[2]`. */
export function attributeName(inputName: string, path: readonly Step[]): string {
  return inputName + path.map(textOf).join('');
}

function textOf(step: Step): string {
  if (typeof step === 'number') return `[${step}]`;
  return /^\w+$/.test(step) ? `.${step}` : `.${JSON.stringify(step)}`;
}
