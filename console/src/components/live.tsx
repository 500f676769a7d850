import { EyeOff, Radio, TriangleAlert, Unplug } from 'lucide-react';
import type { StreamState } from '../api/events.ts';
import { Badge } from './badge.tsx';

/** Whether the screen follows the server, and whether it sees everything. */
export function LiveState({
  state,
  skipped = 0,
}: {
  readonly state: StreamState;
  readonly skipped?: number;
}) {
  if (state === 'lost')
    return (
      <Badge tone="warn" icon={Unplug}>
        Connection lost, trying again
      </Badge>
    );
  if (state === 'refused')
    return (
      <Badge tone="warn" icon={EyeOff}>
        Not live: your access key may not watch this
      </Badge>
    );
  if (state === 'connecting') return <Badge icon={Radio}>Connecting</Badge>;
  if (skipped > 0)
    return (
      <Badge tone="warn" icon={TriangleAlert}>
        Live, sampled: {skipped.toLocaleString('en')} more not shown
      </Badge>
    );
  return (
    <Badge tone="good" icon={Radio}>
      Live
    </Badge>
  );
}
