import type {
  Action,
  DetectorModelDefinition,
  Event,
  State,
  TransitionEvent,
} from '../../src/core/model/definition.ts';
import type { Random } from './random.ts';

/**
 * Random models. Each counts its evaluations in `n`, so that the text of an action identifies its detector and
 * evaluation: `key n place`.
 */
export interface GeneratedModel {
  readonly detectorModelName: string;
  readonly key: 'k';
  readonly roleArn: string;
  readonly evaluationMethod: 'BATCH' | 'SERIAL';
  readonly detectorModelDefinition: DetectorModelDefinition;
  readonly inputName: string;
}

export const TARGETS = { sns: 'arn:aws:sns:us-east-1:000000000000:topic', sqs: 'http://queue/0/q' };

export function generateModel(
  random: Random,
  name: string,
  inputName: string,
  sendsTo: string | undefined,
): GeneratedModel {
  const maker = new Maker(random, name, inputName, sendsTo);
  const states = random.times(1, 3, (index) => index);
  return {
    detectorModelName: name,
    key: 'k',
    roleArn: 'arn:aws:iam::000000000000:role/r',
    evaluationMethod: random.pick(['BATCH', 'SERIAL'] as const),
    detectorModelDefinition: {
      initialStateName: 'S0',
      states: states.map((index) => maker.state(index, states.length)),
    },
    inputName,
  };
}

class Maker {
  readonly #random: Random;
  readonly #name: string;
  readonly #inputName: string;
  readonly #sendsTo: string | undefined;
  #places = 0;

  constructor(random: Random, name: string, inputName: string, sendsTo: string | undefined) {
    this.#random = random;
    this.#name = name;
    this.#inputName = inputName;
    this.#sendsTo = sendsTo;
  }

  state(index: number, count: number): State {
    const begin: Event = {
      eventName: 'begin',
      condition: 'isUndefined($variable.n)',
      // The analysis refuses timers that are tested but never set.
      actions: [set('n', '0'), set('x', '0'), ...this.#timers()],
    };
    const seen = set('seen', `$input.${this.#inputName}.v`);
    const tick: Event = { eventName: 'tick', actions: [set('n', '$variable.n + 1'), seen] };
    return {
      stateName: `S${index}`,
      onEnter: { events: [...(index === 0 ? [begin] : []), ...this.#events(0, 2)] },
      onInput: {
        events: [tick, ...this.#events(1, 3)],
        transitionEvents: this.#random.times(
          0,
          2,
          (n): TransitionEvent => ({
            eventName: `go${n}`,
            condition: this.#condition(2),
            actions: this.#actions(0, 2),
            nextState: `S${this.#random.int(0, count - 1)}`,
          }),
        ),
      },
      onExit: { events: this.#events(0, 1) },
    };
  }

  #timers(): Action[] {
    return [0, 1].map((n) => ({ setTimer: { timerName: `t${n}`, seconds: this.#random.int(1, 90) } }));
  }

  #events(from: number, to: number): Event[] {
    return this.#random.times(from, to, (n) => ({
      eventName: `e${n}`,
      ...(this.#random.chance(0.8) && { condition: this.#condition(2) }),
      actions: this.#actions(1, 2),
    }));
  }

  #condition(depth: number): string {
    const random = this.#random;
    const kind = random.int(0, depth > 0 ? 8 : 5);
    switch (kind) {
      case 0:
        return `$input.${this.#inputName}.v > ${random.int(0, 9)}`;
      case 1:
        return `$variable.n > ${random.int(0, 12)}`;
      case 2:
        return `timeout("t${random.int(0, 1)}")`;
      case 3:
        return `currentInput("${this.#inputName}")`;
      case 4:
        return 'triggerType("Timer")';
      case 5:
        return `$variable.x <= ${random.int(0, 30)}`;
      case 6:
        return `!(${this.#condition(depth - 1)})`;
      case 7:
        return `(${this.#condition(depth - 1)}) && (${this.#condition(depth - 1)})`;
      default:
        return `(${this.#condition(depth - 1)}) || (${this.#condition(depth - 1)})`;
    }
  }

  #actions(from: number, to: number): Action[] {
    return this.#random.times(from, to, () => this.#action());
  }

  #action(): Action {
    const random = this.#random;
    const timerName = `t${random.int(0, 1)}`;
    const input = `$input.${this.#inputName}`;
    switch (random.int(0, this.#sendsTo === undefined ? 7 : 9)) {
      case 0:
        return set('x', random.pick([`$variable.x + ${input}.v`, `${input}.v`, '$variable.x - 3']));
      case 1:
        return { clearTimer: { timerName } };
      case 2:
        return { resetTimer: { timerName } };
      case 3:
      case 4:
        return { setTimer: { timerName, seconds: random.int(1, 90) } };
      case 5:
      case 6:
        return { sns: { targetArn: TARGETS.sns, payload: this.#text() } };
      case 7:
        return { sqs: { queueUrl: TARGETS.sqs, payload: this.#text() } };
      default:
        return { iotEvents: { inputName: this.#sendsTo ?? '', payload: this.#message() } };
    }
  }

  /** `key n place`: unique among the effects of a detector. */
  #label(): string {
    return `\${$input.${this.#inputName}.k} \${$variable.n} ${this.#name}${this.#places++}`;
  }

  #text() {
    return { contentExpression: `'${this.#label()}'`, type: 'STRING' as const };
  }

  #message() {
    const { v, k } = { v: `\${$input.${this.#inputName}.v}`, k: `\${$input.${this.#inputName}.k}` };
    const contentExpression = `'{"k":"${k}","v":${v},"from":"${this.#label()}"}'`;
    return { contentExpression, type: 'JSON' as const };
  }
}

function set(variableName: string, value: string): Action {
  return { setVariable: { variableName, value } };
}
