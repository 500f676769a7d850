import { useQuery } from '@tanstack/react-query';
import { useRouter } from '@tanstack/react-router';
import { Autocomplete, Input, Menu, MenuItem, SearchField, useFilter } from 'react-aria-components';
import { inputsQuery, modelsQuery } from '../api/queries.ts';
import { Dialog } from '../components/dialog.tsx';

interface Place {
  readonly id: string;
  readonly name: string;
  readonly kind: string;
  readonly href: string;
}

const SCREENS: readonly (readonly [name: string, path: string])[] = [
  ['Overview', '/'],
  ['Detector models', '/models'],
  ['New detector model', '/models/new'],
  ['Inputs', '/inputs'],
  ['New input', '/inputs/new'],
  ['Alarms', '/alarms'],
  ['Alarm models', '/alarm-models'],
  ['New alarm model', '/alarm-models/new'],
  ['Logging', '/logging'],
  ['Actions', '/actions'],
  ['Failed actions', '/actions?status=FAILED'],
  ['Topic rules', '/rules'],
  ['Devices', '/devices'],
];

/** Goes to a screen, a model or an input by a part of its name. */
export default function Palette({ onClose }: { readonly onClose: () => void }) {
  const router = useRouter();
  const { contains } = useFilter({ sensitivity: 'base' });
  const { data: models = [] } = useQuery(modelsQuery);
  const { data: inputs = [] } = useQuery(inputsQuery);
  const places: Place[] = [
    ...SCREENS.map(([name, path]) => ({ id: path, name, kind: 'Screen', href: path })),
    ...models.map(({ detectorModelName: name = '' }) => {
      const href = `/models/${encodeURIComponent(name)}`;
      return { id: href, name, kind: 'Detector model', href };
    }),
    ...inputs.map(({ inputName: name = '' }) => {
      const href = `/inputs/${encodeURIComponent(name)}`;
      return { id: href, name, kind: 'Input', href };
    }),
  ];
  const go = (href: string) => {
    onClose();
    router.history.push(`${router.basepath.replace(/\/$/, '')}${href}`);
  };
  return (
    <Dialog title="Go to" isOpen onClose={onClose}>
      <Autocomplete filter={contains}>
        <SearchField aria-label="Screen, model or input" autoFocus>
          <Input className="input" placeholder="Screen, model or input" />
        </SearchField>
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached with the keyboard */}
        <section className="places" aria-label="Places" tabIndex={0}>
          <Menu
            aria-label="Places"
            items={places}
            onAction={(id) => go(String(id))}
            renderEmptyState={() => <p className="soft">Nothing has that in its name.</p>}
          >
            {({ name, kind }) => (
              <MenuItem textValue={name} className="place">
                <span>{name}</span> <span className="soft small-text">{kind}</span>
              </MenuItem>
            )}
          </Menu>
        </section>
      </Autocomplete>
    </Dialog>
  );
}
