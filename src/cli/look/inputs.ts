import { Command } from 'commander';
import { tableLines } from '../table.ts';
import { all, eachOf, show, timeOf, type View, type ViewFlags, withViewFlags } from './view.ts';

interface Input {
  readonly inputConfiguration: {
    readonly inputName: string;
    readonly inputDescription?: string;
    readonly lastUpdateTime: number;
  };
  readonly inputDefinition: { readonly attributes: readonly { readonly jsonPath: string }[] };
}

/** `tripline inputs`. */
export function inputsCommand(): Command {
  return withViewFlags(new Command('inputs'), '  tripline inputs\n  tripline inputs --json')
    .description('List the inputs of a running server')
    .action((flags: ViewFlags) =>
      show(flags, async (client) => {
        const names = await all<{ inputName: string }>(client, '/inputs', 'inputSummaries');
        const inputs = await eachOf(names, async ({ inputName }) => {
          const { input } = await client.call('GET', `/inputs/${encodeURIComponent(inputName)}`);
          return input as Input;
        });
        return viewOf(inputs);
      }),
    );
}

function viewOf(inputs: readonly Input[]): View {
  const lines = (width: number) =>
    inputs.length === 0
      ? ['There are no inputs.']
      : tableLines<Input>(
          [
            { title: 'INPUT', cell: ({ inputConfiguration }) => inputConfiguration.inputName },
            {
              title: 'ATTRIBUTES',
              cell: ({ inputDefinition }) =>
                inputDefinition.attributes.map(({ jsonPath }) => jsonPath).join(', '),
              flexible: true,
            },
            { title: 'UPDATED', cell: ({ inputConfiguration }) => timeOf(inputConfiguration.lastUpdateTime) },
            {
              title: 'DESCRIPTION',
              cell: ({ inputConfiguration }) => inputConfiguration.inputDescription ?? '',
              flexible: true,
            },
          ],
          inputs,
          width,
        );
  return { json: { inputs }, lines };
}
