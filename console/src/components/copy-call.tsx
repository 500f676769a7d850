import { Terminal } from 'lucide-react';
import { useState } from 'react';
import { Tab, TabList, TabPanel, Tabs } from 'react-aria-components';
import type { Called, Input } from '../api/operations.ts';
import { API_ROOT } from '../api/place.ts';
import { spell } from '../api/spell.ts';
import { CodeView } from './code-view.tsx';
import { Dialog } from './dialog.tsx';

export interface CopyCallProps<O extends Called> {
  readonly operation: O;
  readonly input: Input<O>;
}

const FORMS = [
  ['cli', 'AWS CLI'],
  ['sdk', 'AWS SDK'],
  ['curl', 'curl'],
] as const;

/** Shows the API call behind a screen or a button, to use elsewhere. */
export function CopyCall<O extends Called>({ operation, input }: CopyCallProps<O>) {
  const [open, setOpen] = useState(false);
  return (
    <>
      <button type="button" className="button quiet small" onClick={() => setOpen(true)}>
        <Terminal aria-hidden="true" />
        API call
      </button>
      {open && <CallDialog operation={operation} input={input} onClose={() => setOpen(false)} />}
    </>
  );
}

function CallDialog<O extends Called>({
  operation,
  input,
  onClose,
}: CopyCallProps<O> & { readonly onClose: () => void }) {
  const spelled = spell(operation, input, `${location.origin}${API_ROOT}`.replace(/\/$/, ''));
  return (
    <Dialog title={`API call: ${operation}`} isOpen onClose={onClose} wide>
      <p className="soft">Do the same from a terminal or a program.</p>
      <Tabs>
        <TabList className="tabs" aria-label="Form">
          {FORMS.map(([form, label]) => (
            <Tab key={form} id={form} className="tab">
              {label}
            </Tab>
          ))}
        </TabList>
        {FORMS.map(([form, label]) => (
          <TabPanel key={form} id={form} className="tab-panel">
            <CodeView label={label} text={spelled[form]} />
          </TabPanel>
        ))}
      </Tabs>
    </Dialog>
  );
}
