import { base64OfText } from './base64.ts';
import { type Build, built, refused, textOf } from './request.ts';

/** firehose: PutRecord, the payload followed by the separator (reference: actions 8). */
export const firehose: Build = ({ parameters, payload }) => {
  const deliveryStreamName = textOf(parameters.deliveryStreamName);
  if (deliveryStreamName === undefined) return refused('The firehose action has no deliveryStreamName');
  const separator = textOf(parameters.separator) ?? '';
  const data = base64OfText(payload.text + separator);
  return built('firehose', 'PutRecord', { DeliveryStreamName: deliveryStreamName, Record: { Data: data } });
};
