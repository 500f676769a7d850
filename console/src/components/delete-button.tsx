import { Trash2 } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { Confirm } from './dialog.tsx';

interface DeleteButtonProps {
  readonly name: string;
  /** Deletes it, once that is confirmed. */
  readonly onConfirm: () => Promise<void>;
  /** What goes with it. */
  readonly children: ReactNode;
}

/** A button that deletes something after a question. */
export function DeleteButton({ name, onConfirm, children }: DeleteButtonProps) {
  const [open, setOpen] = useState(false);
  return (
    <>
      <button type="button" className="button danger" onClick={() => setOpen(true)}>
        <Trash2 aria-hidden="true" />
        Delete
      </button>
      <Confirm
        title={`Delete ${name}?`}
        isOpen={open}
        onClose={() => setOpen(false)}
        verb="Delete"
        onConfirm={onConfirm}
      >
        {children}
      </Confirm>
    </>
  );
}
