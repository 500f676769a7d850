import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { attempt } from '../../load/attempt.ts';
import { CommandError, UsageError } from '../../server/usage-error.ts';
import { connect, type ServerFlags, SIGNING_HELP, withServerFlags } from '../client.ts';

interface Flags extends ServerFlags {
  readonly messageId?: string;
  readonly json?: boolean;
}

interface ErrorEntry {
  readonly messageId: string;
  readonly errorCode: string;
  readonly errorMessage: string;
}

/** `tripline put`. */
export function putCommand(): Command {
  return withServerFlags(new Command('put'))
    .description('Send a message to an input (BatchPutMessage)')
    .argument('<input>', 'name of the input')
    .argument('<payload>', 'a JSON object, @FILE, or - for standard input')
    .option(
      '--message-id <id>',
      'id of the message; a message sent again with the same id counts once (default: a new id)',
    )
    .option('--json', 'print JSON for programs')
    .addHelpText('after', EXAMPLE)
    .action((input: string, payload: string, flags: Flags) => put(input, readPayload(payload), flags));
}

const EXAMPLE = `${SIGNING_HELP}

Exit code 1 when the server does not accept the message.

Example:
  tripline put PumpPressure '{"pumpId":"P-101","sensor":{"pressure":8.8}}'
  echo '{"pumpId":"P-102","sensor":{"pressure":9.1}}' > reading.json
  tripline put PumpPressure @reading.json --message-id reading-17`;

async function put(inputName: string, payload: string, flags: Flags): Promise<void> {
  const messageId = flags.messageId ?? randomUUID();
  const messages = [{ messageId, inputName, payload: Buffer.from(payload).toString('base64') }];
  const answer = await connect(flags).call('POST', '/inputs/messages', { messages });
  if (flags.json === true) process.stdout.write(`${JSON.stringify({ messageId, ...answer }, null, 2)}\n`);
  const [error] = answer.BatchPutMessageErrorEntries as readonly ErrorEntry[];
  if (error !== undefined)
    throw new CommandError(
      `${inputName} did not accept the message: ${error.errorCode}: ${error.errorMessage}`,
    );
  if (flags.json !== true) process.stdout.write(`Accepted as ${messageId}\n`);
}

function readPayload(given: string): string {
  const text =
    given === '-'
      ? readText(0, 'standard input')
      : given.startsWith('@')
        ? readText(given.slice(1), given.slice(1))
        : given;
  try {
    JSON.parse(text);
  } catch (error) {
    throw new UsageError(`The payload is not JSON: ${(error as Error).message}`);
  }
  // As it was written: numbers keep their digits.
  return text;
}

function readText(source: string | number, name: string): string {
  return attempt(name, () => readFileSync(source, 'utf8'));
}
