import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { Command } from 'commander';
import { readDevices } from '../ingest/mqtt/devices.ts';
import { hashPassword } from '../ingest/mqtt/password-hash.ts';
import { fileTrouble, writeTrouble } from '../load/file-trouble.ts';
import { CommandError, UsageError } from '../server/usage-error.ts';
import { replaceFile } from './replace-file.ts';
import { outputWidth, tableLines } from './table.ts';

interface Flags {
  readonly file: string;
  readonly passwordStdin?: boolean;
  readonly certificate?: string;
  readonly clientId?: readonly string[];
  readonly publish?: readonly string[];
  readonly subscribe?: readonly string[];
  readonly json?: boolean;
}

/** An entry of the file. */
interface Entry {
  readonly name: string;
  readonly password?: string;
  readonly certificate?: string;
  readonly clientIds?: readonly string[];
  readonly publish?: readonly string[];
  readonly subscribe?: readonly string[];
}

/** `tripline devices`: keeps the file that `tripline serve --devices` reads. */
export function devicesCommand(): Command {
  return new Command('devices')
    .description('Manage the file of devices that may connect by MQTT')
    .addCommand(addCommand())
    .addCommand(listCommand())
    .addCommand(removeCommand())
    .addHelpText('after', EXAMPLE);
}

const EXAMPLE = `
Example:
  tripline devices add pump-7 --publish 'pumps/\${clientId}/#' --subscribe 'commands/\${clientId}'
  tripline devices list
  tripline devices remove pump-7

"tripline serve --devices devices.json" lets them connect.

A device connects with its name as user name. A running server takes changes of the file over within seconds; a device
that is removed, or whose password is changed, is disconnected.`;

function addCommand(): Command {
  return withFile(new Command('add'))
    .description(
      'Add a device, or replace the one of that name; prints its password. ' +
        'Without --publish and --subscribe it may use no topic.',
    )
    .argument('<name>', 'user name of the device')
    .option('--password-stdin', 'read the password from standard input instead of generating one')
    .option(
      '--certificate <name>',
      'common name or SHA-256 thumbprint of its client certificate, instead of a password',
    )
    .option('--client-id <patterns...>', 'client ids it may use, * as wildcard (default: its name)')
    .option('--publish <filters...>', 'topic filters it may publish to; ${clientId} and ${name} are replaced')
    .option('--subscribe <filters...>', 'topic filters it may subscribe to')
    .addHelpText(
      'after',
      "\nExample:\n  tripline devices add pump-7 --publish 'pumps/${clientId}/#' --subscribe 'commands/${clientId}'",
    )
    .action((name: string, flags: Flags) => add(name, flags));
}

function listCommand(): Command {
  return withFile(new Command('list'))
    .description('List the devices and what they may do')
    .option('--json', 'print JSON, without the hashes')
    .addHelpText('after', '\nExample:\n  tripline devices add pump-7\n  tripline devices list --json')
    .action(({ file, json }: Flags) => {
      const devices = read(file).map(({ password, ...entry }) => ({
        ...entry,
        credential: password === undefined ? 'certificate' : 'password',
      }));
      if (json === true) process.stdout.write(`${JSON.stringify({ devices }, null, 2)}\n`);
      else
        for (const line of tableLines(
          [
            { title: 'NAME', cell: ({ name }) => name },
            { title: 'CREDENTIAL', cell: ({ credential }) => credential },
            { title: 'CLIENT IDS', cell: ({ name, clientIds = [name] }) => clientIds.join(' ') },
            { title: 'PUBLISH', cell: ({ publish = [] }) => publish.join(' '), flexible: true },
            { title: 'SUBSCRIBE', cell: ({ subscribe = [] }) => subscribe.join(' '), flexible: true },
          ],
          devices,
          outputWidth(process.stdout),
        ))
          process.stdout.write(`${line}\n`);
    });
}

function removeCommand(): Command {
  return withFile(new Command('remove'))
    .description('Remove a device')
    .argument('<name>', 'user name of the device')
    .addHelpText('after', '\nExample:\n  tripline devices add pump-7\n  tripline devices remove pump-7')
    .action(async (name: string, { file }: Flags) => {
      const entries = read(file);
      const left = entries.filter((entry) => entry.name !== name);
      if (left.length === entries.length) throw new CommandError(`There is no device ${name} in ${file}`);
      await write(file, left);
    });
}

function withFile(command: Command): Command {
  return command.option('--file <file>', 'the devices file', 'devices.json');
}

async function add(name: string, flags: Flags): Promise<void> {
  const { file, certificate, passwordStdin, clientId, publish, subscribe } = flags;
  if (certificate !== undefined && passwordStdin === true)
    throw new UsageError('--certificate and --password-stdin cannot be combined');
  const given = passwordStdin === true ? (await text(process.stdin)).replace(/\r?\n$/, '') : undefined;
  if (given === '') throw new UsageError('The password on standard input is empty');
  const password = given ?? randomBytes(18).toString('base64url');
  const entry: Entry = {
    name,
    ...(certificate === undefined ? { password: await hashPassword(password) } : { certificate }),
    ...(clientId && { clientIds: clientId }),
    publish: publish ?? [],
    subscribe: subscribe ?? [],
  };
  const entries = existsSync(file) ? read(file) : [];
  await write(file, [...entries.filter((other) => other.name !== name), entry]);
  if (certificate === undefined && given === undefined) process.stdout.write(`${password}\n`);
  if (entry.publish?.length === 0 && entry.subscribe?.length === 0)
    process.stderr.write(
      `tripline: ${name} may connect, but neither publish nor subscribe to any topic; ` +
        "name its topics with --publish or --subscribe, such as --publish 'devices/${clientId}/#'\n",
    );
}

function read(file: string): readonly Entry[] {
  try {
    const content = readFileSync(file, 'utf8');
    readDevices(content);
    return (JSON.parse(content) as { readonly devices: readonly Entry[] }).devices;
  } catch (error) {
    throw new UsageError(`${file} cannot be used: ${fileTrouble(error)}`, { cause: error });
  }
}

/** Checks what is to be written, and replaces the file in one step: a server may be reading it. */
async function write(file: string, devices: readonly Entry[]): Promise<void> {
  const content = `${JSON.stringify({ devices }, null, 2)}\n`;
  try {
    readDevices(content);
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
  try {
    await replaceFile(file, [content], async () => {});
  } catch (cause) {
    throw new CommandError(`${file} could not be written: ${writeTrouble(cause)}`, { cause });
  }
}
