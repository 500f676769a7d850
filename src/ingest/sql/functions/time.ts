import type { Node } from '../ast.ts';
import { toNumber } from '../convert.ts';
import { toDouble } from '../numbers.ts';
import { formatTime } from '../time/format.ts';
import { parseTime } from '../time/parse.ts';
import { JAVA_TIME, JODA, readPattern } from '../time/pattern.ts';
import { constantText, type Family, V2 } from './function.ts';

/** Conversions between times and text (docs/topic-rules.md: The SQL). */
export const TIME_FUNCTIONS: Family = {
  parse_time: {
    since: V2,
    arity: [2, 3],
    evaluate: (args, { version }) => {
      const [pattern, time, zone] = args;
      const milliseconds = toNumber(time, version);
      const zoneId = args.length === 2 ? 'UTC' : zone;
      if (typeof pattern !== 'string' || typeof zoneId !== 'string' || milliseconds === undefined)
        return undefined;
      const read = readPattern(pattern, JODA);
      return read.ok ? formatTime(read.fields, Math.floor(toDouble(milliseconds)), zoneId) : undefined;
    },
    check: ([pattern]) => checkPattern(pattern, JODA),
  },
  time_to_epoch: {
    since: V2,
    arity: [2, 2],
    evaluate: ([text, pattern]) => {
      if (typeof text !== 'string' || typeof pattern !== 'string') return undefined;
      const read = readPattern(pattern, JAVA_TIME);
      return read.ok ? parseTime(read.fields, text) : undefined;
    },
    check: ([, pattern]) => checkPattern(pattern, JAVA_TIME),
  },
};

function checkPattern(node: Node | undefined, dialect: typeof JODA): string | undefined {
  const text = constantText(node);
  if (text === undefined) return undefined;
  const read = readPattern(text, dialect);
  return read.ok ? undefined : read.message;
}
