import { X } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { Dialog as AriaDialog, Heading, Modal, ModalOverlay } from 'react-aria-components';
import { Problem } from './notice.tsx';

export interface DialogProps {
  readonly title: string;
  readonly isOpen: boolean;
  readonly onClose: () => void;
  readonly children: ReactNode;
  readonly footer?: ReactNode;
  readonly wide?: boolean;
  readonly role?: 'dialog' | 'alertdialog';
}

/** A modal dialog: keeps the focus, gives it back, and closes with Escape. */
export function Dialog({
  title,
  isOpen,
  onClose,
  children,
  footer,
  wide = false,
  role = 'dialog',
}: DialogProps) {
  return (
    <ModalOverlay
      className="scrim"
      isOpen={isOpen}
      isDismissable={role === 'dialog'}
      onOpenChange={(open) => {
        if (!open) onClose();
      }}
    >
      <Modal className={wide ? 'modal wide' : 'modal'}>
        <AriaDialog role={role}>
          <div className="dialog-head">
            <Heading slot="title" level={2}>
              {title}
            </Heading>
            <button type="button" className="button quiet icon" aria-label="Close" onClick={onClose}>
              <X aria-hidden="true" />
            </button>
          </div>
          <div className="dialog-body">{children}</div>
          {footer !== undefined && <div className="dialog-foot">{footer}</div>}
        </AriaDialog>
      </Modal>
    </ModalOverlay>
  );
}

export interface ConfirmProps {
  readonly title: string;
  readonly isOpen: boolean;
  readonly onClose: () => void;
  /** What the button says: the verb of the deed. */
  readonly verb: string;
  /** Does it; the dialog stays open with the reason when it rejects. */
  readonly onConfirm: () => Promise<unknown>;
  readonly children: ReactNode;
  readonly danger?: boolean;
}

/** Asks before something that cannot be taken back. */
export function Confirm({ title, isOpen, onClose, verb, onConfirm, children, danger = true }: ConfirmProps) {
  const [error, setError] = useState<unknown>();
  const [busy, setBusy] = useState(false);
  const close = () => {
    setError(undefined);
    onClose();
  };
  const confirm = async () => {
    setBusy(true);
    try {
      await onConfirm();
      close();
    } catch (failure) {
      setError(failure);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Dialog
      title={title}
      isOpen={isOpen}
      onClose={close}
      role="alertdialog"
      footer={
        <>
          <button type="button" className="button" onClick={close}>
            Cancel
          </button>
          <button
            type="button"
            className={danger ? 'button danger primary' : 'button primary'}
            disabled={busy}
            onClick={() => void confirm()}
          >
            {verb}
          </button>
        </>
      }
    >
      <div>{children}</div>
      <Problem error={error} />
    </Dialog>
  );
}
