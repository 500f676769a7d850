import type { Finding } from '../../../src/core/model/analysis/index.ts';
import { Status } from '../components/badge.tsx';
import { Panel } from '../components/page.tsx';
import type { Editor } from './use-editor.ts';

export interface ProblemsProps {
  readonly editor: Editor;
  /** Leads to the place of a finding. */
  readonly onGo: (path: string) => void;
}

/** What the analysis found, as the model is edited. Errors keep it from being published. */
export function Problems({ editor, onGo }: ProblemsProps) {
  const { read, findings } = editor;
  const errors = findings.filter(({ level }) => level === 'ERROR').length;
  const grave = findings.filter(({ level }) => level !== 'INFO');
  const notes = findings.filter(({ level }) => level === 'INFO');
  const warnings = grave.length - errors;
  const title = !read.ok
    ? 'Not a definition yet'
    : errors > 0
      ? `${errors} ${errors === 1 ? 'error' : 'errors'}`
      : warnings > 0
        ? `${warnings} ${warnings === 1 ? 'warning' : 'warnings'}`
        : 'Analysis: no errors';
  return (
    <Panel title={title} flush className="problems">
      {!read.ok && (
        <p className="body">
          {read.message} {read.path !== '' && <code>({read.path})</code>}
        </p>
      )}
      {read.ok && grave.length === 0 && (
        <p className="body soft">No errors, no warnings: the model can be published.</p>
      )}
      {grave.length > 0 && <Findings label="Findings" findings={grave} onGo={onGo} />}
      {notes.length > 0 && (
        <details>
          <summary>{notes.length === 1 ? '1 note' : `${notes.length} notes`}, such as inferred types</summary>
          <Findings label="Notes" findings={notes} onGo={onGo} />
        </details>
      )}
    </Panel>
  );
}

interface FindingsProps {
  readonly label: string;
  readonly findings: readonly Finding[];
  readonly onGo: (path: string) => void;
}

function Findings({ label, findings, onGo }: FindingsProps) {
  return (
    <ul aria-label={label}>
      {findings.map((finding, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: findings have no identity but their place
        <FindingRow key={index} finding={finding} onGo={onGo} />
      ))}
    </ul>
  );
}

function FindingRow({ finding, onGo }: { readonly finding: Finding; readonly onGo: (path: string) => void }) {
  const { level, message, detail, locations } = finding;
  const path = locations[0]?.path ?? '';
  return (
    <li>
      <button type="button" onClick={() => onGo(path)} disabled={path === ''}>
        <Status of={level} />
        <span className="grow">
          <span className="wrap">{message}</span>
          {/* What follows the first line points at the place, which the expression's own mark does. */}
          {detail !== undefined && <span className="soft small-text detail">{detail.split('\n')[0]}</span>}
          {path !== '' && <code className="soft small-text wrap">{path}</code>}
        </span>
      </button>
    </li>
  );
}
