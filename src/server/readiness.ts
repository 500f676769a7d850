import type { Runtime } from './runtime.ts';

/** Milliseconds within which a call must be answered for the server to count as ready. */
const READY_WITHIN = 2000;

/** The reason why calls are not answered in time; undefined when they are. */
export async function whyNotAnswering(
  { answers, host }: Pick<Runtime, 'answers' | 'host'>,
  within = READY_WITHIN,
): Promise<string | undefined> {
  if (answers === undefined) return undefined;
  let late: NodeJS.Timeout | undefined;
  const waiting = new Promise<string>((resolve) => {
    late = setTimeout(() => {
      const { queued, lateness = 0 } = host.figures();
      const seconds = (lateness / 1000).toFixed(1);
      resolve(
        `Calls are not answered within ${within / 1000} s: ${queued} wait, timers are ${seconds} s late`,
      );
    }, within);
  });
  const answered = answers().then(
    () => undefined,
    (error: Error) => error.message,
  );
  return Promise.race([answered, waiting]).finally(() => clearTimeout(late));
}

/** The line in `/readyz` about timers that are a second or more late. */
export function latenessOf({ host }: Pick<Runtime, 'host'>): string {
  const { lateness = 0 } = host.figures();
  return lateness < 1000 ? '' : `timers are ${(lateness / 1000).toFixed(1)} s late\n`;
}
