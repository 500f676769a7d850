import type { Command } from 'commander';
import { all, show, timeOf, type View, type ViewFlags, withViewFlags } from '../look/view.ts';
import { tableLines } from '../table.ts';

interface RuleSummary {
  readonly ruleName: string;
  readonly topicPattern?: string;
  readonly createdAt: number;
  readonly ruleDisabled: boolean;
}

/** `tripline rules list`. */
export function listRules(command: Command): Command {
  return withViewFlags(command, '  tripline rules list\n  tripline rules list --json')
    .description('List the topic rules of a running server')
    .action((flags: ViewFlags) =>
      show(flags, async (client) => viewOf(await all<RuleSummary>(client, '/rules', 'rules'))),
    );
}

function viewOf(rules: readonly RuleSummary[]): View {
  const lines = (width: number) =>
    rules.length === 0
      ? ['There are no topic rules.']
      : tableLines<RuleSummary>(
          [
            { title: 'RULE', cell: ({ ruleName }) => ruleName },
            { title: 'FROM', cell: ({ topicPattern }) => topicPattern ?? '(Basic Ingest)', flexible: true },
            { title: 'STATE', cell: ({ ruleDisabled }) => (ruleDisabled ? 'disabled' : 'enabled') },
            { title: 'CREATED', cell: ({ createdAt }) => timeOf(createdAt) },
          ],
          rules,
          width,
        );
  return { json: { rules }, lines };
}
