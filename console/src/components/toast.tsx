import { CircleCheck, TriangleAlert, X } from 'lucide-react';
import { useSyncExternalStore } from 'react';

interface Toast {
  readonly id: number;
  readonly text: string;
  readonly tone: 'good' | 'bad';
}

/** Milliseconds that a success stays; a failure stays until it is closed. */
const STAY = 5000;

let toasts: readonly Toast[] = [];
let lastId = 0;
const listeners = new Set<() => void>();

function change(next: readonly Toast[]): void {
  toasts = next;
  for (const listener of listeners) listener();
}

const dismiss = (id: number) => change(toasts.filter((toast) => toast.id !== id));

/** Says what became of something, wherever the user is by then. */
export function say(text: string, tone: Toast['tone'] = 'good'): void {
  const id = ++lastId;
  change([...toasts.slice(-3), { id, text, tone }]);
  if (tone === 'good') setTimeout(() => dismiss(id), STAY);
}

export function Toasts() {
  const shown = useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => toasts,
  );
  return (
    <div className="toasts" role="status" aria-live="polite">
      {shown.map(({ id, text, tone }) => (
        <div key={id} className="toast">
          {tone === 'good' ? <CircleCheck aria-hidden="true" /> : <TriangleAlert aria-hidden="true" />}
          <span className="grow wrap">{text}</span>
          <button
            type="button"
            className="button quiet icon small"
            aria-label="Dismiss"
            onClick={() => dismiss(id)}
          >
            <X aria-hidden="true" />
          </button>
        </div>
      ))}
    </div>
  );
}
