import { Download } from 'lucide-react';
import { useId, useState } from 'react';
import type { SimulatedModel } from '../../../src/simulate/models.ts';
import { scenarioText } from '../../../src/simulate/session/scenario-of.ts';
import type { Session } from '../../../src/simulate/session/session.ts';
import { CodeView } from '../components/code-view.tsx';
import { Dialog } from '../components/dialog.tsx';
import { saveFile } from '../components/files.ts';

export interface SaveTestProps {
  readonly session: Session;
  readonly onClose: () => void;
}

/** Saves what was done as a scenario that expects what came of it, with the models beside it. */
export function SaveTest({ session, onClose }: SaveTestProps) {
  const id = useId();
  const { models, start, moves } = session;
  const modelName = models[0]?.compiled.name ?? '';
  const [name, setName] = useState(`${modelName}, as it was simulated`);
  const scenarioFile = `${modelName}.scenario.json`;
  const text = scenarioText({ name, models, modelPaths: models.map(fileOf), start, moves });
  return (
    <Dialog
      title="Save as test"
      isOpen
      onClose={onClose}
      wide
      footer={
        <>
          {models.map((model) => (
            <button
              key={model.compiled.name}
              type="button"
              className="button"
              onClick={() => saveFile(fileOf(model), JSON.stringify(model.source, undefined, 2))}
            >
              <Download aria-hidden="true" />
              {models.length === 1 ? 'Save the model' : `Save ${model.compiled.name}`}
            </button>
          ))}
          <button
            type="button"
            className="button primary"
            disabled={name.trim() === ''}
            onClick={() => saveFile(scenarioFile, text)}
          >
            <Download aria-hidden="true" />
            Save the scenario
          </button>
        </>
      }
    >
      <div className="stack">
        <p className="soft">
          The scenario does what you did, and expects what came of it. Keep the files in one folder and run{' '}
          <code>tripline test {scenarioFile}</code>
        </p>
        <div className="field">
          <label htmlFor={id}>Name of the scenario</label>
          <input id={id} className="input" value={name} onChange={({ target }) => setName(target.value)} />
        </div>
        <CodeView label="Scenario" text={text} />
      </div>
    </Dialog>
  );
}

function fileOf({ compiled }: SimulatedModel): string {
  return `${compiled.name}.json`;
}
