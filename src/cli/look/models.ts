import { Command } from 'commander';
import type { ApiClient } from '../client.ts';
import { tableLines } from '../table.ts';
import { all, eachOf, show, timeOf, type View, type ViewFlags, withViewFlags } from './view.ts';

interface Configuration {
  readonly kind: 'detector model' | 'alarm model';
  readonly name: string;
  readonly version: string;
  readonly status: string;
  readonly key?: string;
  readonly lastUpdateTime: number;
  readonly description?: string;
}

/** `tripline models`. */
export function modelsCommand(): Command {
  return withViewFlags(new Command('models'), '  tripline models\n  tripline models --watch')
    .description('List the detector models and alarm models of a running server')
    .action((flags: ViewFlags) =>
      show(flags, async (client) =>
        viewOf([...(await detectorModels(client)), ...(await alarmModels(client))]),
      ),
    );
}

async function detectorModels(client: ApiClient): Promise<Configuration[]> {
  const path = '/detector-models';
  const found = await all<{ detectorModelName: string }>(client, path, 'detectorModelSummaries');
  return eachOf(found, async ({ detectorModelName: name }) => {
    const { detectorModel } = await client.call('GET', `${path}/${encodeURIComponent(name)}`);
    const { detectorModelConfiguration: configuration } = detectorModel as {
      detectorModelConfiguration: {
        detectorModelVersion: string;
        detectorModelDescription?: string;
        status: string;
        key?: string;
        lastUpdateTime: number;
      };
    };
    const { detectorModelVersion: version, detectorModelDescription: description, ...rest } = configuration;
    return pick({ kind: 'detector model', name, version, description, ...rest });
  });
}

async function alarmModels(client: ApiClient): Promise<Configuration[]> {
  const path = '/alarm-models';
  const found = await all<{ alarmModelName: string }>(client, path, 'alarmModelSummaries');
  return eachOf(found, async ({ alarmModelName: name }) => {
    const model = (await client.call('GET', `${path}/${encodeURIComponent(name)}`)) as {
      alarmModelVersion: string;
      alarmModelDescription?: string;
      status: string;
      key?: string;
      lastUpdateTime: number;
    };
    const { alarmModelVersion: version, alarmModelDescription: description, ...rest } = model;
    return pick({ kind: 'alarm model', name, version, description, ...rest });
  });
}

function pick(
  model: Omit<Configuration, 'description' | 'key'> & {
    description?: string | undefined;
    key?: string | undefined;
  },
): Configuration {
  const { kind, name, version, status, lastUpdateTime, key, description } = model;
  return {
    kind,
    name,
    version,
    status,
    ...(key !== undefined && { key }),
    lastUpdateTime,
    ...(description !== undefined && { description }),
  };
}

function viewOf(models: readonly Configuration[]): View {
  const lines = (width: number) =>
    models.length === 0
      ? ['There are no detector models and no alarm models.']
      : tableLines<Configuration>(
          [
            { title: 'MODEL', cell: ({ name }) => name },
            { title: 'KIND', cell: ({ kind }) => kind },
            { title: 'VERSION', cell: ({ version }) => version },
            { title: 'STATUS', cell: ({ status }) => status },
            { title: 'KEY', cell: ({ key }) => key ?? '' },
            { title: 'UPDATED', cell: ({ lastUpdateTime }) => timeOf(lastUpdateTime) },
            { title: 'DESCRIPTION', cell: ({ description }) => description ?? '', flexible: true },
          ],
          models,
          width,
        );
  return { json: { models }, lines };
}
