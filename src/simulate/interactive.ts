import { CUSTOMER_ACTIONS } from '../core/alarm/types.ts';
import { readAction } from './messages/element.ts';
import { inputsOf } from './models.ts';
import type { TextReport } from './report/text.ts';
import type { Instance, Simulator } from './simulator.ts';
import { isoTime, parseDuration, parseTime } from './times.ts';

export const HELP = `Commands:
  send [INPUT] JSON          a message, now
  advance DURATION           moves the clock, firing timers on the way: advance 5m
  until TIME                 moves the clock to a time
  next                       moves the clock to the next timer
  ACTION [MODEL] [KEY]       an operator acts on an alarm: acknowledge, reset, enable, disable, snooze SECONDS
  look [KEY]                 where detectors and alarms stand
  help, quit
`;

/** Runs a simulation from typed commands. Results are reported by the simulation's own listeners. */
export class InteractiveSession {
  readonly #simulator: Simulator;
  readonly #report: TextReport;
  readonly #write: (text: string) => void;

  constructor(simulator: Simulator, report: TextReport, write: (text: string) => void) {
    this.#simulator = simulator;
    this.#report = report;
    this.#write = write;
  }

  get prompt(): string {
    return `${isoTime(this.#simulator.time).replace('T', ' ').replace('Z', '')}> `;
  }

  /** Executes one line. Returns true when it ends the session. */
  handle(line: string): boolean {
    const [, command = '', rest = ''] = /^\s*(\S*)\s*(.*?)\s*$/s.exec(line) ?? [];
    switch (command.toLowerCase()) {
      case '':
        return false;
      case 'send':
        this.#send(rest);
        return false;
      case 'advance':
        this.#advance(rest);
        return false;
      case 'until':
        this.#until(rest);
        return false;
      case 'next':
        if (!this.#simulator.fireNext()) this.#say('No timer runs.');
        return false;
      case 'look':
        this.#look(rest);
        return false;
      case 'help':
      case '?':
        this.#write(HELP);
        return false;
      case 'quit':
      case 'exit':
        return true;
      default:
        if (CUSTOMER_ACTIONS.some((action) => action === command.toUpperCase())) this.#operate(command, rest);
        else this.#say(`There is no command ${command}. "help" lists the commands.`);
        return false;
    }
  }

  #send(rest: string): void {
    const [, named, text = ''] = /^([^\s{]+)?\s*(.*)$/s.exec(rest) ?? [];
    const inputs = inputsOf(this.#simulator.models);
    const inputName = named ?? (inputs.length === 1 ? inputs[0] : undefined);
    if (inputName === undefined)
      this.#say(`Which input? The models use ${inputs.join(', ')}: send INPUT JSON`);
    else if (text === '') this.#say(`What is the message? send ${inputName} {"…": …}`);
    else this.#simulator.put({ inputName, messageId: undefined, payload: text });
  }

  #advance(rest: string): void {
    const duration = parseDuration(rest);
    if (duration === undefined) this.#say('A duration is a number of seconds, or 500ms, 90s, 5m, 1h30m, 2d.');
    else this.#simulator.advanceTo(this.#simulator.time + duration);
  }

  #until(rest: string): void {
    const time = parseTime(rest);
    if (time === undefined)
      this.#say('A time is written as 2025-01-31T12:00:00Z, or as a number since the epoch.');
    else if (time < this.#simulator.time) this.#say('That time is in the past.');
    else this.#simulator.advanceTo(time);
  }

  #operate(command: string, rest: string): void {
    const words = rest.split(/\s+/).filter((word) => word !== '');
    const duration = command.toLowerCase() === 'snooze' ? Number(words.shift()) : undefined;
    const action = readAction(command, duration, undefined);
    if (typeof action === 'string') {
      this.#say(action);
      return;
    }
    const alarms = [...this.#simulator.instances()].filter(({ model }) => model.kind === 'alarm');
    const fitting = alarms.filter(({ model, keyValue }) => {
      return words.every((word) => word === model.compiled.name || word === keyValue);
    });
    const [alarm] = fitting;
    if (alarm === undefined) this.#say('There is no such alarm; a message creates one.');
    else if (fitting.length > 1) this.#say(`Which alarm? ${fitting.map(nameOf).join(', ')}`);
    else
      this.#simulator.operate({
        alarmModelName: alarm.model.compiled.name,
        keyValue: alarm.keyValue,
        action,
      });
  }

  #look(key: string): void {
    const instances = [...this.#simulator.instances()].filter(
      ({ keyValue }) => key === '' || key === keyValue,
    );
    if (instances.length === 0)
      this.#say(
        this.#simulator.instanceCount === 0
          ? 'There are no detectors yet; a message creates one.'
          : `There is none with the key ${key}; "look" lists all.`,
      );
    for (const instance of instances) this.#say(this.#report.instance(instance, this.#simulator.time));
  }

  #say(text: string): void {
    this.#write(`${text}\n`);
  }
}

function nameOf({ model, keyValue }: Instance): string {
  return keyValue === undefined ? model.compiled.name : `${model.compiled.name} ${keyValue}`;
}
