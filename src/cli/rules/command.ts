import { Command } from 'commander';
import { readRuleDefinition } from '../../api/rule-definition.ts';
import { UsageError } from '../../server/usage-error.ts';
import { connect, type ServerFlags, SIGNING_HELP, withServerFlags } from '../client.ts';
import { listRules } from './list.ts';
import { readJson, testRule } from './test.ts';

/** `tripline rules …`. */
export function rulesCommand(setExitCode: (code: number) => void): Command {
  return new Command('rules')
    .description('List, test, put and delete topic rules, which pass messages of devices on')
    .addHelpText('after', '\nExample:\n  tripline rules list\n  tripline rules list --json')
    .addCommand(listRules(new Command('list')))
    .addCommand(testRule(new Command('test'), setExitCode))
    .addCommand(
      withServerFlags(new Command('put'))
        .description('Create a topic rule, or replace the one of that name')
        .argument(
          '<file>',
          'JSON in the form of aws iot create-topic-rule or get-topic-rule; - for standard input',
        )
        .addHelpText('after', PUT_EXAMPLE)
        .action(put),
    )
    .addCommand(
      withServerFlags(new Command('delete'))
        .description('Delete a topic rule')
        .argument('<rule>', 'its name')
        .addHelpText('after', `${SIGNING_HELP}\n\nExample:\n  tripline rules delete PumpTemperature`)
        .action(remove),
    );
}

const PUT_EXAMPLE = `${SIGNING_HELP}

Example:
  echo '{"ruleName": "pumps", "topicRulePayload": {
    "sql": "SELECT *, topic(2) AS pumpId FROM \\u0027pumps/+/data\\u0027", "awsIotSqlVersion": "2016-03-23",
    "actions": [{"iotEvents": {"inputName": "PumpPressure", "roleArn": "arn:aws:iam::000000000000:role/rules"}}]
  }}' > rule.json
  tripline rules put rule.json`;

async function put(file: string, flags: ServerFlags): Promise<void> {
  const definition = readJson(file);
  let rule: ReturnType<typeof readRuleDefinition>;
  try {
    rule = readRuleDefinition(definition);
  } catch (error) {
    throw new UsageError(`${file}: ${(error as Error).message}`);
  }
  const path = `/rules/${rule.ruleName}`;
  await connect(flags).put([path], ['PATCH', path], rule.payload);
  process.stdout.write(`Topic rule ${rule.ruleName} is active\n`);
}

async function remove(rule: string, flags: ServerFlags): Promise<void> {
  await connect(flags).call('DELETE', `/rules/${encodeURIComponent(rule)}`);
  process.stdout.write(`Topic rule ${rule} is deleted\n`);
}
