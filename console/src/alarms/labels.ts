import { BellOff, CheckCheck, Moon, RotateCcw, ShieldCheck } from 'lucide-react';
import type { Deed } from './deeds.ts';

/** What each deed is called, the key that does it, and its icon. */
export const LABELS: Readonly<Record<Deed, readonly [label: string, key: string, icon: typeof Moon]>> = {
  acknowledge: ['Acknowledge', 'a', CheckCheck],
  snooze: ['Snooze', 's', Moon],
  disable: ['Disable', 'd', BellOff],
  enable: ['Enable', 'e', ShieldCheck],
  reset: ['Reset', 'r', RotateCcw],
};
