import { useQuery } from '@tanstack/react-query';
import { useId, useState } from 'react';
import { modelQuery } from '../api/queries.ts';
import { Dialog } from '../components/dialog.tsx';
import { inputsOf } from '../graph/inputs-of.ts';
import { SendForm } from './send-form.tsx';

export interface SendDialogProps {
  readonly model: string;
  readonly keyValue: string | undefined;
  readonly onClose: () => void;
}

/** Sends a message to one detector, on an input that its model reads. */
export function SendDialog({ model, keyValue, onClose }: SendDialogProps) {
  const id = useId();
  const { data } = useQuery(modelQuery(model));
  const inputs = data?.detectorModelDefinition === undefined ? [] : inputsOf(data.detectorModelDefinition);
  const [chosen, setChosen] = useState<string>();
  const inputName = chosen ?? inputs[0];
  return (
    <Dialog title={`Send a message to ${keyValue ?? model}`} isOpen onClose={onClose}>
      <div className="field">
        <label htmlFor={id}>Input</label>
        <select
          id={id}
          className="select"
          style={{ width: '100%' }}
          value={inputName}
          onChange={(event) => setChosen(event.target.value)}
        >
          {inputs.map((each) => (
            <option key={each}>{each}</option>
          ))}
        </select>
      </div>
      {inputName === undefined ? (
        <p>The model reads no input.</p>
      ) : (
        <SendForm
          key={inputName}
          inputName={inputName}
          keyPath={data?.detectorModelConfiguration?.key}
          keyValue={keyValue}
          onSent={onClose}
        />
      )}
    </Dialog>
  );
}
