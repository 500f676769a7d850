import { useEffect, useReducer, useState } from 'react';
import type { SimulatedModel } from '../../../src/simulate/models.ts';
import { Session } from '../../../src/simulate/session/session.ts';

/** Milliseconds between two steps of a clock that runs. */
const TICK = 100;

/** The running simulation, as a screen sees it. */
export interface Play {
  readonly session: Session;
  /** The moment that is looked at. */
  readonly index: number;
  /** Virtual milliseconds for each real one; 0 while the clock stands. */
  readonly speed: number;
  /** Does something to the session, and looks at what came of it. */
  readonly act: (deed: (session: Session) => void) => void;
  readonly look: (index: number) => void;
  readonly run: (speed: number) => void;
  readonly restart: () => void;
}

/** A session of models that begins now, in whole seconds. */
export function usePlay(models: readonly SimulatedModel[]): Play {
  const [session, setSession] = useState(() => newSession(models));
  const [looked, setLooked] = useState<number>();
  const [speed, setSpeed] = useState(0);
  const [, redraw] = useReducer((count: number) => count + 1, 0);
  useEffect(() => {
    if (speed === 0) return;
    let last = performance.now();
    const timer = setInterval(() => {
      const now = performance.now();
      session.advanceTo(Math.round(session.time + (now - last) * speed));
      last = now;
      if (session.isFull) setSpeed(0);
      redraw();
    }, TICK);
    return () => clearInterval(timer);
  }, [session, speed]);
  const act = (deed: (session: Session) => void) => {
    deed(session);
    setLooked(undefined);
    redraw();
  };
  const latest = session.moments.length - 1;
  return {
    session,
    index: Math.min(looked ?? latest, latest),
    speed,
    act,
    look: (index) => {
      setSpeed(0);
      setLooked(index >= latest ? undefined : index);
    },
    run: (next) => {
      setLooked(undefined);
      setSpeed(next);
    },
    restart: () => {
      setSpeed(0);
      setLooked(undefined);
      setSession(newSession(models));
    },
  };
}

function newSession(models: readonly SimulatedModel[]): Session {
  return new Session(models, Math.floor(Date.now() / 1000) * 1000);
}
