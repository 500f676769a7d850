import { CommandError, UsageError } from '../server/usage-error.ts';
import { type MessagePlan, planMessages } from '../simulate/files/message-plan.ts';
import { type Played, type Player, playAsTheyStand } from '../simulate/files/messages-as-they-stand.ts';
import type { SimulatedModel } from '../simulate/models.ts';
import { type GivenMessages, type MessageFlags, messagesOf } from './message-options.ts';
import { Progress } from './output.ts';

/** How messages are played. */
export interface Playing<P extends Player> {
  /** Creates the player of the messages; `start` is the start time of its clock. */
  readonly begin: (start: number) => P;
  /**
   * Whether somebody sees what happens while it happens. Then all messages are read before the first is played, for with
   * a fault anywhere nothing may be seen; else they are read once, and what was played until a fault is forgotten.
   */
  readonly isSeen: boolean;
  /** Awaited from time to time. */
  readonly pace?: () => Promise<void>;
}

/**
 * Plays the messages that the flags name, in the order of their times. Rejects with UsageError for wrong flags,
 * CommandError for a file with faulty lines.
 */
export async function playMessages<P extends Player>(
  flags: MessageFlags,
  models: readonly SimulatedModel[],
  { begin, isSeen, pace }: Playing<P>,
): Promise<Played<P>> {
  const given = await messagesOf(flags, models);
  try {
    return (isSeen ? undefined : await playUnseen(given, begin)) ?? (await playPlanned(given, begin, pace));
  } finally {
    given.dispose();
  }
}

function playUnseen<P extends Player>(
  { sources, options }: GivenMessages,
  begin: (start: number) => P,
): Promise<Played<P> | undefined> {
  const progress = new Progress('messages');
  return playAsTheyStand(sources, options, begin, (count) => {
    if (count % PACE === 0) progress.at(count);
  });
}

async function playPlanned<P extends Player>(
  { sources, options }: GivenMessages,
  begin: (start: number) => P,
  pace: () => Promise<void> = async () => {},
): Promise<Played<P>> {
  const plan = await planMessages(sources, options);
  complainOf(plan);
  const player = begin(plan.start);
  const progress = new Progress('messages', plan.count);
  let count = 0;
  for await (const piece of plan.messages()) {
    for (const message of piece) {
      player.play(message);
      if (++count % PACE !== 0) continue;
      progress.at(count);
      await pace();
    }
  }
  return { player, count };
}

/** Messages between two looks at the output and the clock. */
const PACE = 100;

/** Throws UsageError or CommandError when something is wrong with a message. */
function complainOf({ faults }: MessagePlan): void {
  const [first] = faults;
  if (first === undefined) return;
  const text = faults.map(({ place, message }) => `${place}: ${message}`).join('\n');
  throw first.isUsage ? new UsageError(text) : new CommandError(`${text}\nNothing was run.`);
}
