import { Link, Outlet, useRouterState } from '@tanstack/react-router';
import {
  Activity,
  BellRing,
  Gauge,
  Inbox,
  LogOut,
  Menu,
  Monitor,
  Moon,
  PlugZap,
  RadioTower,
  Route as RouteIcon,
  ScrollText,
  Search,
  Send,
  Sun,
  Workflow,
} from 'lucide-react';
import { lazy, Suspense, useEffect, useRef, useState } from 'react';
import { Dialog, Modal, ModalOverlay } from 'react-aria-components';
import { CONSOLE_ROOT } from '../api/place.ts';
import { useSilentSince } from '../api/reach.ts';
import { setAccessKey, useAccessKeyId } from '../api/session.ts';
import { clockText } from '../components/time.tsx';
import { Toasts } from '../components/toast.tsx';
import { setTheme, type Theme, useTheme } from './theme.ts';

const SECTIONS = [
  {
    title: 'Detect',
    links: [
      { to: '/', label: 'Overview', icon: Activity },
      { to: '/models', label: 'Detector models', icon: Workflow },
      { to: '/inputs', label: 'Inputs', icon: Inbox },
      { to: '/alarms', label: 'Alarms', icon: BellRing },
      { to: '/alarm-models', label: 'Alarm models', icon: Gauge },
    ],
  },
  {
    title: 'Connect',
    links: [
      { to: '/actions', label: 'Actions', icon: Send },
      { to: '/rules', label: 'Topic rules', icon: RouteIcon },
      { to: '/devices', label: 'Devices', icon: RadioTower },
      { to: '/logging', label: 'Logging', icon: ScrollText },
    ],
  },
] as const;

const Palette = lazy(() => import('./palette.tsx'));

/** What stands around every screen. */
export function Shell() {
  const [menuOpen, setMenuOpen] = useState(false);
  const main = useRef<HTMLElement>(null);
  const path = useRouterState({ select: ({ location }) => location.pathname });
  const arrived = useRef(path);
  const [going, setGoing] = useState(false);
  useEffect(() => {
    const keys = (event: KeyboardEvent) => {
      if (event.key.toLowerCase() === 'k' && (event.ctrlKey || event.metaKey)) setGoing(true);
      // Letters and signs belong to whoever writes into a field.
      else if (event.key === '/' && !isField(event.target))
        document.querySelector<HTMLElement>('[data-search]')?.focus();
      else return;
      event.preventDefault();
    };
    addEventListener('keydown', keys);
    return () => removeEventListener('keydown', keys);
  }, []);
  useEffect(() => {
    setMenuOpen(false);
    if (arrived.current === path) return;
    arrived.current = path;
    // A screen reader begins to read at the new screen.
    main.current?.focus({ preventScroll: true });
    scrollTo(0, 0);
  }, [path]);
  return (
    <div className="shell">
      <button type="button" className="button primary skip" onClick={() => main.current?.focus()}>
        Skip to content
      </button>
      <div className="top">
        <Brand />
        <button
          type="button"
          className="button quiet icon"
          aria-label="Open the menu"
          onClick={() => setMenuOpen(true)}
        >
          <Menu aria-hidden="true" />
        </button>
      </div>
      <Side onGo={() => setGoing(true)} />
      <ModalOverlay className="drawer-scrim" isOpen={menuOpen} onOpenChange={setMenuOpen} isDismissable>
        <Modal className="drawer">
          <Dialog aria-label="Menu" style={{ height: '100%', outline: 'none' }}>
            <Side
              onGo={() => {
                setMenuOpen(false);
                setGoing(true);
              }}
            />
          </Dialog>
        </Modal>
      </ModalOverlay>
      <main ref={main} className="content" tabIndex={-1}>
        <Silence />
        <Outlet />
      </main>
      <Toasts />
      {going && (
        <Suspense>
          <Palette onClose={() => setGoing(false)} />
        </Suspense>
      )}
    </div>
  );
}

/** Says so while the server does not answer: what stands on the screen is from before. */
function Silence() {
  const since = useSilentSince();
  return (
    <div role="status" className="silence">
      {since !== undefined && (
        <div className="banner bad">
          <PlugZap aria-hidden="true" />
          <span className="grow">
            The server has not answered since {clockText(since)}. What you see may be out of date; the console
            keeps trying.
          </span>
        </div>
      )}
    </div>
  );
}

function Brand() {
  return (
    <Link to="/" className="brand">
      <img src={`${CONSOLE_ROOT}favicon.svg`} alt="" />
      Tripline
    </Link>
  );
}

function Side({ onGo }: { readonly onGo: () => void }) {
  return (
    <div className="side">
      <Brand />
      <button type="button" className="button small go" aria-keyshortcuts="Control+K" onClick={onGo}>
        <Search aria-hidden="true" />
        Go to…
        <kbd>Ctrl K</kbd>
      </button>
      <nav className="nav" aria-label="Main">
        {SECTIONS.map(({ title, links }) => (
          <div key={title} className="nav">
            <h2>{title}</h2>
            {links.map(({ to, label, icon: Icon }) => (
              <Link key={to} to={to} activeOptions={{ exact: to === '/' }}>
                <Icon aria-hidden="true" />
                {label}
              </Link>
            ))}
          </div>
        ))}
      </nav>
      <div className="side-foot">
        <SignedIn />
        <ThemeChoice />
      </div>
    </div>
  );
}

function SignedIn() {
  const id = useAccessKeyId();
  if (id === undefined) return null;
  return (
    <div className="row spread small-text">
      <span className="truncate grow" title={id}>
        {id}
      </span>
      <button type="button" className="button quiet small" onClick={() => setAccessKey(undefined)}>
        <LogOut aria-hidden="true" />
        Sign out
      </button>
    </div>
  );
}

const THEMES: readonly (readonly [Theme, string, typeof Sun])[] = [
  ['system', 'System colours', Monitor],
  ['light', 'Light', Sun],
  ['dark', 'Dark', Moon],
];

function ThemeChoice() {
  const theme = useTheme();
  return (
    <fieldset className="row theme">
      <legend className="hidden">Colours</legend>
      {THEMES.map(([each, label, Icon]) => (
        <button
          key={each}
          type="button"
          className="button quiet icon small"
          aria-label={label}
          aria-pressed={theme === each}
          title={label}
          onClick={() => setTheme(each)}
        >
          <Icon aria-hidden="true" />
        </button>
      ))}
    </fieldset>
  );
}

function isField(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.matches('input, textarea, select, [contenteditable="true"]');
}
