import {
  BellOff,
  BellRing,
  CheckCheck,
  Circle,
  CircleCheck,
  CircleDashed,
  CircleX,
  Clock3,
  FileCheck,
  Info,
  type LucideIcon,
  Moon,
  Pin,
  RotateCcw,
  TriangleAlert,
} from 'lucide-react';
import type { ReactNode } from 'react';

type Tone = 'plain' | 'good' | 'warn' | 'bad' | 'accent';

export interface BadgeProps {
  readonly icon?: LucideIcon;
  readonly tone?: Tone;
  readonly children: ReactNode;
}

/** A word with an icon; the colour only helps. */
export function Badge({ icon: Icon, tone = 'plain', children }: BadgeProps) {
  return (
    <span className={`badge ${tone}`}>
      {Icon !== undefined && <Icon aria-hidden="true" />}
      <span>{children}</span>
    </span>
  );
}

const STATUSES: Readonly<Record<string, readonly [Tone, LucideIcon, string]>> = {
  // of actions
  PENDING: ['accent', Clock3, 'Pending'],
  DELIVERED: ['good', CircleCheck, 'Delivered'],
  RECORDED: ['plain', FileCheck, 'Recorded'],
  FAILED: ['bad', CircleX, 'Failed'],
  // of alarms
  DISABLED: ['plain', BellOff, 'Disabled'],
  NORMAL: ['good', CircleCheck, 'Normal'],
  ACTIVE: ['bad', BellRing, 'Active'],
  ACKNOWLEDGED: ['warn', CheckCheck, 'Acknowledged'],
  LATCHED: ['warn', Pin, 'Latched'],
  SNOOZE_DISABLED: ['plain', Moon, 'Snoozed'],
  // of what an operator does
  ACKNOWLEDGE: ['plain', CheckCheck, 'Acknowledge'],
  SNOOZE: ['plain', Moon, 'Snooze'],
  DISABLE: ['plain', BellOff, 'Disable'],
  ENABLE: ['plain', BellRing, 'Enable'],
  RESET: ['plain', RotateCcw, 'Reset'],
  // of findings
  ERROR: ['bad', CircleX, 'Error'],
  WARNING: ['warn', TriangleAlert, 'Warning'],
  INFO: ['accent', Info, 'Info'],
};

/** The word for a status. */
export function labelOf(status: string): string {
  return STATUSES[status]?.[2] ?? status;
}

/** The status of an action, an alarm or a finding. */
export function Status({ of }: { readonly of: string }) {
  const [tone, icon, label] = STATUSES[of] ?? (['plain', CircleDashed, of] as const);
  return (
    <Badge tone={tone} icon={icon}>
      {label}
    </Badge>
  );
}

/** The colour that stands for a state of a model, by its place in the definition. */
export function stateColour(place: number): string {
  return `var(--state-${((place % 8) + 8) % 8})`;
}

/** The name of a detector's state. */
export function StateName({ name, place }: { readonly name: string; readonly place: number }) {
  return (
    <span className="badge" title={name}>
      <Circle
        aria-hidden="true"
        fill="currentColor"
        style={{ color: stateColour(place), width: '0.625rem' }}
      />
      <span>{name}</span>
    </span>
  );
}
