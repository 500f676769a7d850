import { Check, Copy } from 'lucide-react';
import { useState } from 'react';

export interface CodeViewProps {
  readonly text: string;
  readonly label: string;
}

/** Text to read and to copy. */
export function CodeView({ text, label }: CodeViewProps) {
  return (
    <div className="code-view">
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached with the keyboard */}
      <pre className="code" tabIndex={0} role="region" aria-label={label}>
        {text}
      </pre>
      <CopyButton text={text} label={`Copy ${label.toLowerCase()}`} />
    </div>
  );
}

/** Milliseconds that the button says that it has copied. */
const SAY_COPIED = 1500;

export function CopyButton({ text, label }: { readonly text: string; readonly label: string }) {
  const [copied, setCopied] = useState(false);
  const copy = async () => {
    await writeClipboard(text);
    setCopied(true);
    setTimeout(() => setCopied(false), SAY_COPIED);
  };
  return (
    <button type="button" className="button small" aria-label={label} onClick={() => void copy()}>
      {copied ? <Check aria-hidden="true" /> : <Copy aria-hidden="true" />}
      {copied ? 'Copied' : 'Copy'}
    </button>
  );
}

/** The clipboard is there on secure origins only; a selection is copied everywhere. */
async function writeClipboard(text: string): Promise<void> {
  if (isSecureContext) return navigator.clipboard.writeText(text);
  const area = document.createElement('textarea');
  area.value = text;
  document.body.append(area);
  area.select();
  document.execCommand('copy');
  area.remove();
}
