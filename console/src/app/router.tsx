import type { QueryClient } from '@tanstack/react-query';
import {
  createRootRouteWithContext,
  createRoute,
  createRouter,
  type ErrorComponentProps,
  Link,
  lazyRouteComponent,
} from '@tanstack/react-router';
import { Compass } from 'lucide-react';
import { CONSOLE_ROOT } from '../api/place.ts';
import { modelQuery } from '../api/queries.ts';
import { Empty, Failed, Loading } from '../components/notice.tsx';
import { Overview } from '../screens/overview.tsx';
import { Shell } from './shell.tsx';
import { type DetectorSearch, SORTS } from './sorts.ts';

/** The screens by address. All but the overview are loaded when they are first opened. */

const root = createRootRouteWithContext<{ readonly queries: QueryClient }>()({
  component: Shell,
  notFoundComponent: NotFound,
});

const overview = createRoute({ getParentRoute: () => root, path: '/', component: Overview });

const models = createRoute({
  getParentRoute: () => root,
  path: '/models',
  component: lazyRouteComponent(() => import('../screens/models.tsx'), 'Models'),
  validateSearch: (search: Record<string, unknown>) => texts(search, ['q']),
});

const modelNew = createRoute({
  getParentRoute: () => root,
  path: '/models/new',
  component: lazyRouteComponent(() => import('../screens/model-new.tsx'), 'ModelNew'),
});

const draft = createRoute({
  getParentRoute: () => root,
  path: '/drafts/$model',
  component: lazyRouteComponent(() => import('../screens/model-edit.tsx'), 'DraftEdit'),
});

const draftSimulate = createRoute({
  getParentRoute: () => root,
  path: '/drafts/$model/simulate',
  component: lazyRouteComponent(() => import('../screens/model-simulate.tsx'), 'DraftSimulate'),
  validateSearch: (search: Record<string, unknown>) => texts(search, ['with']),
});

const model = createRoute({
  getParentRoute: () => root,
  path: '/models/$model',
  component: lazyRouteComponent(() => import('../screens/model.tsx'), 'Model'),
  // Also for a link that is pointed at: the model is there by the time of the click. Nothing waits for it.
  loader: ({ context: { queries }, params }) => void queries.prefetchQuery(modelQuery(params.model)),
});

const modelLive = createRoute({
  getParentRoute: () => model,
  path: '/',
  component: lazyRouteComponent(() => import('../screens/model-live.tsx'), 'ModelLive'),
});

const modelEdit = createRoute({
  getParentRoute: () => model,
  path: '/edit',
  component: lazyRouteComponent(() => import('../screens/model-edit.tsx'), 'ModelEdit'),
});

const modelSimulate = createRoute({
  getParentRoute: () => model,
  path: '/simulate',
  component: lazyRouteComponent(() => import('../screens/model-simulate.tsx'), 'ModelSimulate'),
  validateSearch: (search: Record<string, unknown>) => texts(search, ['with']),
});

const modelDefinition = createRoute({
  getParentRoute: () => model,
  path: '/definition',
  component: lazyRouteComponent(() => import('../screens/model-definition.tsx'), 'ModelDefinition'),
});

const modelDetectors = createRoute({
  getParentRoute: () => model,
  path: '/detectors',
  component: lazyRouteComponent(() => import('../screens/model-detectors.tsx'), 'ModelDetectors'),
  validateSearch: (search: Record<string, unknown>): DetectorSearch => {
    const sort = SORTS.find((each) => each === search.sort);
    return {
      ...texts(search, ['q', 'state']),
      ...(sort !== undefined && { sort }),
      ...(search.desc === true && { desc: true }),
    };
  },
});

const detector = createRoute({
  getParentRoute: () => root,
  path: '/models/$model/detector',
  component: lazyRouteComponent(() => import('../screens/detector.tsx'), 'Detector'),
  validateSearch: (search: Record<string, unknown>) => texts(search, ['key']),
});

const inputs = createRoute({
  getParentRoute: () => root,
  path: '/inputs',
  component: lazyRouteComponent(() => import('../screens/inputs.tsx'), 'Inputs'),
  validateSearch: (search: Record<string, unknown>) => texts(search, ['q']),
});

const inputNew = createRoute({
  getParentRoute: () => root,
  path: '/inputs/new',
  component: lazyRouteComponent(() => import('../screens/input-new.tsx'), 'InputNew'),
});

const input = createRoute({
  getParentRoute: () => root,
  path: '/inputs/$input',
  component: lazyRouteComponent(() => import('../screens/input.tsx'), 'Input'),
});

const alarms = createRoute({
  getParentRoute: () => root,
  path: '/alarms',
  component: lazyRouteComponent(() => import('../screens/alarms.tsx'), 'Alarms'),
  validateSearch: (search: Record<string, unknown>) => texts(search, ['q', 'model', 'state']),
});

const alarmModels = createRoute({
  getParentRoute: () => root,
  path: '/alarm-models',
  component: lazyRouteComponent(() => import('../screens/alarm-models.tsx'), 'AlarmModels'),
});

const alarmModelNew = createRoute({
  getParentRoute: () => root,
  path: '/alarm-models/new',
  component: lazyRouteComponent(() => import('../screens/alarm-model.tsx'), 'AlarmModelNew'),
});

const alarmModel = createRoute({
  getParentRoute: () => root,
  path: '/alarm-models/$model',
  component: lazyRouteComponent(() => import('../screens/alarm-model.tsx'), 'AlarmModelEdit'),
});

const logging = createRoute({
  getParentRoute: () => root,
  path: '/logging',
  component: lazyRouteComponent(() => import('../screens/logging.tsx'), 'Logging'),
});

const actions = createRoute({
  getParentRoute: () => root,
  path: '/actions',
  component: lazyRouteComponent(() => import('../screens/actions.tsx'), 'Actions'),
  validateSearch: (search: Record<string, unknown>) => texts(search, ['status', 'model', 'id']),
});

const rules = createRoute({
  getParentRoute: () => root,
  path: '/rules',
  component: lazyRouteComponent(() => import('../screens/rules.tsx'), 'Rules'),
});

const ruleNew = createRoute({
  getParentRoute: () => root,
  path: '/rules/new',
  component: lazyRouteComponent(() => import('../screens/rule.tsx'), 'RuleNew'),
});

const rule = createRoute({
  getParentRoute: () => root,
  path: '/rules/$rule',
  component: lazyRouteComponent(() => import('../screens/rule.tsx'), 'Rule'),
});

const devices = createRoute({
  getParentRoute: () => root,
  path: '/devices',
  component: lazyRouteComponent(() => import('../screens/devices.tsx'), 'Devices'),
});

const tree = root.addChildren([
  overview,
  models,
  modelNew,
  draft,
  draftSimulate,
  model.addChildren([modelLive, modelEdit, modelSimulate, modelDefinition, modelDetectors]),
  detector,
  inputs,
  inputNew,
  input,
  alarms,
  actions,
  rules,
  ruleNew,
  rule,
  devices,
  alarmModels,
  alarmModelNew,
  alarmModel,
  logging,
]);

export function createConsoleRouter(queries: QueryClient) {
  return createRouter({
    routeTree: tree,
    context: { queries },
    basepath: CONSOLE_ROOT,
    defaultPreload: 'intent',
    defaultPendingComponent: Loading,
    defaultPendingMs: 150,
    defaultErrorComponent: ({ error, reset }: ErrorComponentProps) => <Failed error={error} retry={reset} />,
    defaultNotFoundComponent: NotFound,
  });
}

declare module '@tanstack/react-router' {
  interface Register {
    router: ReturnType<typeof createConsoleRouter>;
  }
}

function NotFound() {
  return (
    <Empty
      icon={Compass}
      title="There is no such screen"
      action={
        <Link to="/" className="button">
          Go to the overview
        </Link>
      }
    >
      The address may be mistyped, or what it named was deleted.
    </Empty>
  );
}

/** Those parameters of an address that are texts. */
function texts<Name extends string>(
  search: Record<string, unknown>,
  names: readonly Name[],
): { [N in Name]?: string } {
  const found: { [N in Name]?: string } = {};
  for (const name of names) {
    const value = search[name];
    if (typeof value === 'string' || typeof value === 'number') found[name] = String(value);
  }
  return found;
}
