import type { ActionEffect } from '../../core/detector/effect.ts';
import type { Detector, StepResult, Timer } from '../../core/detector/types.ts';
import { renderJson } from '../../core/expression/json.ts';
import { isValue, type Outcome, renderText, typeOf, type Value } from '../../core/expression/value.ts';
import type { CompiledModel } from '../../core/model/compiled.ts';

/** True if a scenario cannot tell the results of a model from those of its mutant. */
export function looksAlike(model: CompiledModel, a: StepResult, b: StepResult): boolean {
  return (
    a.detector.state === b.detector.state &&
    [...model.variables.values()].every((place) => holdSame(a.detector.at(place), b.detector.at(place))) &&
    haveSameOthers(a.detector, b.detector) &&
    haveSame(running(a.detector), running(b.detector), isSameDeadline) &&
    haveSame(a.effects, b.effects, isSameEffect)
  );
}

/** True if two detectors will behave identically from now on. */
export function isSame(model: CompiledModel, a: Detector, b: Detector): boolean {
  return (
    a.state === b.state &&
    model.placeNames.every((_name, place) => holdSame(a.at(place), b.at(place))) &&
    haveSameOthers(a, b) &&
    haveSame(a.timers, b.timers, (one, other) => isSameDeadline(one, other) && one.status === other.status)
  );
}

function running({ timers }: Detector): readonly Timer[] {
  return timers.filter(({ status }) => status === 'RUNNING');
}

function isSameDeadline(a: Timer, b: Timer): boolean {
  return a.name === b.name && a.expiresAt === b.expiresAt && a.duration === b.duration;
}

function haveSameOthers(a: Detector, b: Detector): boolean {
  if (a.otherVariables.size !== b.otherVariables.size) return false;
  return [...a.otherVariables].every(([name, value]) => holdSame(value, b.otherVariables.get(name)));
}

function holdSame(a: Outcome, b: Outcome): boolean {
  if (Object.is(a, b)) return true;
  if (a === undefined || b === undefined) return false;
  return isValue(a) && isValue(b) ? isSameValue(a, b) : renderJson(a) === renderJson(b);
}

function isSameValue(a: Value, b: Value): boolean {
  return typeOf(a) === typeOf(b) && renderText(a) === renderText(b);
}

function isSameEffect(a: ActionEffect, b: ActionEffect): boolean {
  return (
    a.type === b.type &&
    a.eventName === b.eventName &&
    a.payload.type === b.payload.type &&
    // The default payload contains the execution id; its other members are compared through the detector.
    (a.payload.type === 'DEFAULT' || a.payload.text === b.payload.text) &&
    haveSame(
      Object.entries(a.parameters),
      Object.entries(b.parameters),
      ([name, value], [other, otherValue]) => name === other && isSameValue(value, otherValue),
    )
  );
}

function haveSame<T>(a: readonly T[], b: readonly T[], same: (a: T, b: T) => boolean): boolean {
  return a.length === b.length && a.every((item, index) => same(item, b[index] as T));
}
