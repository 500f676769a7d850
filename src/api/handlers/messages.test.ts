import fc from 'fast-check';
import { expect, test } from 'vitest';
import { countingModel, startService } from '../../../test/support/service.ts';

test('error entries are in the order of the request, whatever was wrong with each message', async () => {
  const { call } = await startService();
  await call.CreateInput({ inputName: 'I', inputDefinition: { attributes: [{ jsonPath: 'id' }] } });
  await call.CreateDetectorModel(countingModel('M', 'I'));
  const message = (messageId: string, payload: string, inputName = 'I') => {
    return { messageId, inputName, payload: Buffer.from(payload) };
  };
  const { BatchPutMessageErrorEntries: entries } = await call.BatchPutMessage({
    messages: [
      message('no-key', '{}'),
      message('fine', '{"id":"a"}'),
      message('no-json', 'text'),
      message('no-input', '{"id":"a"}', 'Nope'),
      message('no-object', '[1]'),
    ],
  });
  expect(entries?.map(({ messageId, errorCode }) => [messageId, errorCode])).toEqual([
    ['no-key', 'InvalidRequestException'],
    ['no-json', 'InvalidRequestException'],
    ['no-input', 'ResourceNotFoundException'],
    ['no-object', 'InvalidRequestException'],
  ]);
});

test('a batch is refused exactly when an id occurs in it twice, and changes nothing', async () => {
  const { call } = await startService();
  await call.CreateInput({ inputName: 'I', inputDefinition: { attributes: [{ jsonPath: 'id' }] } });
  const id = fc.string({ unit: fc.constantFrom('a', 'b'), minLength: 1, maxLength: 4 });
  await fc.assert(
    fc.asyncProperty(fc.array(id, { minLength: 1, maxLength: 10 }), async (ids) => {
      const messages = ids.map((messageId) => ({ messageId, inputName: 'I', payload: Buffer.from('{}') }));
      const repeated = ids.find((each, index) => ids.indexOf(each) < index);
      const answer = call.BatchPutMessage({ messages });
      if (repeated === undefined) await answer;
      else {
        const message = `Message ID ${repeated} is not unique within the batch`;
        await expect(answer).rejects.toMatchObject({ code: 'InvalidRequestException', message });
      }
    }),
  );
});
