import { LOGGING } from '../rows.ts';
import { createAlarmModel, deleteAlarmModel, updateAlarmModel } from './alarm-models.ts';
import type { Catalog } from './catalog.ts';
import type { Defined, DefinitionContext } from './definition.ts';
import { createDetectorModel, deleteDetectorModel, updateDetectorModel } from './detector-models.ts';
import { createInput, deleteInput, updateInput } from './inputs.ts';
import { Logging, type LoggingOptions } from './logging.ts';
import { tag, untag } from './tags.ts';

/** Replaces all options; takes effect with the next evaluation. */
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
 * All definition functions by name: each takes the catalog and a request of plain data, and returns the new catalog,
 * its rows and the result, or throws Fault. A new kind of definition adds its records and its map to the catalog, and
 * its functions here.
 */
export const DEFINITIONS: { readonly [N in DefinitionName]: Definition<N> } = ALL;

type Definition<N extends DefinitionName> = (
  catalog: Catalog,
  request: DefinitionRequest<N>,
  context: DefinitionContext,
) => Defined<DefinitionResult<N>>;
