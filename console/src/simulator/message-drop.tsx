import { FileUp } from 'lucide-react';
import { type DragEvent, useState } from 'react';
import { Problem } from '../components/notice.tsx';
import { MOST_MESSAGES, playMessages, readMessages } from './message-files.ts';
import type { Play } from './use-session.ts';

export interface MessageDropProps {
  readonly play: Play;
  /** For messages that name no input. */
  readonly inputName: string;
  readonly alarmModelNames: readonly string[];
}

/** Plays a file of messages in the simulation, by their times. */
export function MessageDrop({ play, inputName, alarmModelNames }: MessageDropProps) {
  const [over, setOver] = useState(false);
  const [error, setError] = useState<unknown>();
  const [report, setReport] = useState<readonly string[]>([]);
  const take = async (file: File | undefined) => {
    if (file === undefined) return;
    setError(undefined);
    setReport([]);
    try {
      const { messages, hasTimes, faults, faultCount } = await readMessages(file, inputName, alarmModelNames);
      let played = 0;
      play.act((session) => {
        played = playMessages(session, messages, hasTimes);
      });
      setReport([
        `${played.toLocaleString('en')} of ${messages.length.toLocaleString('en')} messages of ${file.name} were played.`,
        ...(messages.length > MOST_MESSAGES
          ? [`More than ${MOST_MESSAGES.toLocaleString('en')} are for "tripline simulate".`]
          : []),
        ...faults,
        ...(faultCount > faults.length ? [`and ${faultCount - faults.length} more faults`] : []),
      ]);
    } catch (failure) {
      setError(failure);
    }
  };
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    void take(event.dataTransfer.files[0]);
  };
  return (
    <div className="stack tight message-drop">
      <label
        className={over ? 'drop over' : 'drop'}
        onDragOver={(event) => {
          event.preventDefault();
          setOver(true);
        }}
        onDragLeave={() => setOver(false)}
        onDrop={drop}
      >
        <FileUp aria-hidden="true" />
        <span className="small-text">
          <strong>Choose a file of messages</strong> or drop one: NDJSON, JSON or CSV
        </span>
        <input
          type="file"
          className="hidden"
          accept=".ndjson,.jsonl,.json,.csv"
          onChange={({ target }) => {
            void take(target.files?.[0]);
            // The same file may be chosen again.
            target.value = '';
          }}
        />
      </label>
      <div role="status" className="small-text soft">
        {report.map((line) => (
          <p key={line} className="wrap">
            {line}
          </p>
        ))}
      </div>
      <Problem error={error} />
    </div>
  );
}
