import { LOGGING } from '../rows.ts';
import { createAlarmModel, deleteAlarmModel, updateAlarmModel } from './alarm-models.ts';
import type { Catalog } from './catalog.ts';
import type { Defined, DefinitionContext } from './definition.ts';
import { createDetectorModel, deleteDetectorModel, updateDetectorModel } from './detector-models.ts';
import { createInput, deleteInput, updateInput } from './inputs.ts';
import { Logging, type LoggingOptions } from './logging.ts';
import { tag, untag } from './tags.ts';

/** Replaces all options, in effect with the next evaluation. */
function putLoggingOptions(catalog: Catalog, options: LoggingOptions): Defined<undefined> {
  return {
    catalog: catalog.with({ logging: new Logging(options) }),
    rows: [[LOGGING, JSON.stringify(options)]],
    result: undefined,
  };
}

const ALL = {
  createInput,
  updateInput,
  deleteInput,
  createDetectorModel,
  updateDetectorModel,
  deleteDetectorModel,
  createAlarmModel,
  updateAlarmModel,
  deleteAlarmModel,
  tag,
  untag,
  putLoggingOptions,
};

export type DefinitionName = keyof typeof ALL;
export type DefinitionRequest<N extends DefinitionName> = Parameters<(typeof ALL)[N]>[1];
export type DefinitionResult<N extends DefinitionName> = ReturnType<(typeof ALL)[N]>['result'];

/**
 * Everything that can be defined, by name: each takes the catalog and a request of plain data, and returns the catalog
 * with the definition in it, its rows and the answer; or throws Fault. A new kind of definition gets its records and
 * its map in the catalog, and its functions here.
 */
export const DEFINITIONS: { readonly [N in DefinitionName]: Definition<N> } = ALL;

type Definition<N extends DefinitionName> = (
  catalog: Catalog,
  request: DefinitionRequest<N>,
  context: DefinitionContext,
) => Defined<DefinitionResult<N>>;
