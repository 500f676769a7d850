import { useQuery } from '@tanstack/react-query';
import { Send } from 'lucide-react';
import { type FormEvent, useEffect, useId, useState } from 'react';
import { call } from '../api/call.ts';
import { inputQuery } from '../api/queries.ts';
import { CopyCall } from '../components/copy-call.tsx';
import { newId } from '../components/ids.ts';
import { Problem } from '../components/notice.tsx';
import { say } from '../components/toast.tsx';
import { base64, sampleMessage } from './sample.ts';

export interface SendFormProps {
  readonly inputName: string;
  /** The attribute that is the key of the detectors in view, and its value. */
  readonly keyPath?: string | undefined;
  readonly keyValue?: string | undefined;
  readonly onSent?: () => void;
}

/** Composes a message from an input's attributes, and sends it. */
export function SendForm({ inputName, keyPath, keyValue, onSent }: SendFormProps) {
  const id = useId();
  const { data: input } = useQuery(inputQuery(inputName));
  const [text, setText] = useState('');
  const [error, setError] = useState<unknown>();
  const attributes = input?.inputDefinition?.attributes;
  useEffect(() => {
    if (attributes === undefined) return;
    const paths = attributes.map(({ jsonPath }) => jsonPath);
    setText(
      sampleMessage(paths, keyPath, keyPath !== undefined && paths.includes(keyPath) ? keyValue : undefined),
    );
  }, [attributes, keyPath, keyValue]);
  const problem = jsonProblem(text);
  const messages = [{ messageId: newId(), inputName, payload: base64(text) }];
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setError(undefined);
    try {
      const { BatchPutMessageErrorEntries: [refused] = [] } = await call('BatchPutMessage', { messages });
      if (refused !== undefined) throw new Error(refused.errorMessage);
      say(`The message was evaluated by the models of ${inputName}`);
      onSent?.();
    } catch (failure) {
      setError(failure);
    }
  };
  return (
    <form className="stack" onSubmit={(event) => void submit(event)}>
      <div className="field">
        <label htmlFor={id}>Message (JSON)</label>
        <textarea
          id={id}
          className="area"
          spellCheck={false}
          value={text}
          aria-invalid={problem !== undefined}
          aria-describedby={problem === undefined ? undefined : `${id}-problem`}
          onChange={(event) => setText(event.target.value)}
        />
        {problem !== undefined && (
          <span id={`${id}-problem`} className="problem">
            {problem}
          </span>
        )}
      </div>
      <Problem error={error} />
      <div className="row">
        <button type="submit" className="button primary" disabled={problem !== undefined}>
          <Send aria-hidden="true" />
          Send
        </button>
        <CopyCall operation="BatchPutMessage" input={{ messages }} />
      </div>
    </form>
  );
}

function jsonProblem(text: string): string | undefined {
  try {
    JSON.parse(text);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
