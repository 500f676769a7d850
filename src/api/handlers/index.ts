import type { Log } from '../../runtime/log.ts';
import type { EventsOperationName } from '../../wire/service/table.ts';
import type { Handlers } from '../api.ts';
import {
  createAlarmModel,
  deleteAlarmModel,
  describeAlarmModel,
  listAlarmModels,
  listAlarmModelVersions,
  updateAlarmModel,
} from './alarm-models.ts';
import { batchAlarmAction, describeAlarm, listAlarms } from './alarms.ts';
import { Analyses } from './analyses.ts';
import {
  createDetectorModel,
  deleteDetectorModel,
  describeDetectorModel,
  listDetectorModels,
  listDetectorModelVersions,
  updateDetectorModel,
} from './detector-models.ts';
import { batchDeleteDetector, batchUpdateDetector, describeDetector, listDetectors } from './detectors.ts';
import { listInputRoutings } from './input-routings.ts';
import { createInput, deleteInput, describeInput, listInputs, updateInput } from './inputs.ts';
import { describeLoggingOptions, putLoggingOptions } from './logging.ts';
import { batchPutMessage } from './messages.ts';
import type { Service } from './service.ts';
import { listTagsForResource, tagResource, untagResource } from './tags.ts';

/** All operations of AWS IoT Events. */
export function createHandlers(service: Service, log: Log): Pick<Handlers, EventsOperationName> {
  const analyses = new Analyses(service, log);
  return {
    CreateInput: (input) => createInput(service, input),
    DescribeInput: (input) => describeInput(service, input),
    UpdateInput: (input) => updateInput(service, input),
    DeleteInput: (input) => deleteInput(service, input),
    ListInputs: (input) => listInputs(service, input),
    CreateDetectorModel: (input) => createDetectorModel(service, input),
    DescribeDetectorModel: (input) => describeDetectorModel(service, input),
    UpdateDetectorModel: (input) => updateDetectorModel(service, input),
    DeleteDetectorModel: (input) => deleteDetectorModel(service, input),
    ListDetectorModels: (input) => listDetectorModels(service, input),
    ListDetectorModelVersions: (input) => listDetectorModelVersions(service, input),
    CreateAlarmModel: (input) => createAlarmModel(service, input),
    DescribeAlarmModel: (input) => describeAlarmModel(service, input),
    UpdateAlarmModel: (input) => updateAlarmModel(service, input),
    DeleteAlarmModel: (input) => deleteAlarmModel(service, input),
    ListAlarmModels: (input) => listAlarmModels(service, input),
    ListAlarmModelVersions: (input) => listAlarmModelVersions(service, input),
    ListInputRoutings: (input) => listInputRoutings(service, input),
    TagResource: (input) => tagResource(service, input),
    UntagResource: (input) => untagResource(service, input),
    ListTagsForResource: (input) => listTagsForResource(service, input),
    StartDetectorModelAnalysis: async (input) => analyses.start(input, await service.host.catalog()),
    DescribeDetectorModelAnalysis: (input) => analyses.describe(input),
    GetDetectorModelAnalysisResults: (input) => analyses.results(input),
    PutLoggingOptions: (input) => putLoggingOptions(service, input),
    DescribeLoggingOptions: () => describeLoggingOptions(service),
    BatchPutMessage: (input) => batchPutMessage(service, input),
    DescribeDetector: (input) => describeDetector(service, input),
    ListDetectors: (input) => listDetectors(service, input),
    BatchUpdateDetector: (input) => batchUpdateDetector(service, input),
    BatchDeleteDetector: (input) => batchDeleteDetector(service, input),
    DescribeAlarm: (input) => describeAlarm(service, input),
    ListAlarms: (input) => listAlarms(service, input),
    BatchAcknowledgeAlarm: (input) =>
      batchAlarmAction(service, 'ACKNOWLEDGE', input.acknowledgeActionRequests),
    BatchDisableAlarm: (input) => batchAlarmAction(service, 'DISABLE', input.disableActionRequests),
    BatchEnableAlarm: (input) => batchAlarmAction(service, 'ENABLE', input.enableActionRequests),
    BatchResetAlarm: (input) => batchAlarmAction(service, 'RESET', input.resetActionRequests),
    BatchSnoozeAlarm: (input) => batchAlarmAction(service, 'SNOOZE', input.snoozeActionRequests),
  };
}
