import { execFileSync, spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { startTestServer, type TestServer } from './support/server.ts';

/** The files shipped to run and monitor a server: what can be run is run, the rest is compared with the server. */
const DEPLOY = new URL('../deploy/', import.meta.url);
const BIN = fileURLToPath(new URL('../bin/tripline.js', import.meta.url));
const read = (file: string) => readFileSync(new URL(file, DEPLOY), 'utf8');

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.dispose());

describe('metrics', () => {
  const alerts: { groups: { rules: { alert: string; expr: string; annotations: object }[] }[] } = parse(
    read('monitoring/alerts.yaml'),
  );
  const rules = alerts.groups.flatMap((group) => group.rules);
  const dashboard: { panels: { title: string; targets: { expr: string }[] }[] } = JSON.parse(
    read('monitoring/grafana-dashboard.json'),
  );
  const queries = [
    ...rules.map(({ alert, expr }) => ({ where: `alert ${alert}`, expr })),
    ...dashboard.panels.flatMap(({ title, targets }) =>
      targets.map(({ expr }) => ({ where: `panel ${title}`, expr })),
    ),
  ];

  test('of every alert and panel are served', async () => {
    const text = await (await fetch(`${server.url}/metrics`)).text();
    const served = new Set([...text.matchAll(/^# TYPE (\w+)/gm)].map(([, name]) => name as string));
    expect(queries.length).toBeGreaterThan(15);
    for (const { where, expr } of queries) {
      const names = [...expr.matchAll(/\b(?:tripline|process|nodejs)_\w+/g)].map(([name]) => name);
      expect(names, where).not.toEqual([]);
      for (const name of names) {
        const base = name.replace(/_(bucket|sum|count)$/, '');
        expect(served.has(name) || served.has(base), `${where}: ${name}`).toBe(true);
      }
    }
  });

  test('each alert has a summary and a description', () => {
    for (const { annotations } of rules) expect(Object.keys(annotations)).toEqual(['summary', 'description']);
  });
});

describe('commands', () => {
  const help = execFileSync(process.execPath, [BIN, 'serve', '--help'], { encoding: 'utf8' });
  const docker = readFileSync(new URL('../Dockerfile', DEPLOY), 'utf8');
  test.each([
    ['Dockerfile', docker.replaceAll(/^(#|RUN| {2}&&).*$/gm, '')],
    ['compose.yaml', JSON.stringify(parse(read('compose.yaml')).services.tripline.command)],
    ['systemd', /^ExecStart=.*$/m.exec(read('systemd/tripline.service'))?.[0] ?? ''],
    [
      'kubernetes',
      JSON.stringify(parse(read('kubernetes/statefulset.yaml')).spec.template.spec.containers[0].args),
    ],
  ])('of %s use flags that serve has', (_, text) => {
    const flags = [
      ...text.matchAll(/--(?!interval|timeout|start-period|from|max-semi-space-size)[a-z-]+/g),
    ].map(([flag]) => flag);
    expect(flags).toContain('--data-dir');
    for (const flag of flags) expect(help).toContain(`${flag} `);
  });
});

describe('compose.cluster.yaml', () => {
  const { services, volumes, secrets } = parse(read('compose.cluster.yaml'), { merge: true }) as Cluster;
  const named = (prefix: string) =>
    Object.entries(services).flatMap(([name, service]) =>
      name.startsWith(prefix) ? [{ name, ...service }] : [],
    );

  test.each([
    ['worker', 'worker'],
    ['front', 'serve'],
  ])('each %s is called with flags that %s has', (prefix, command) => {
    const help = execFileSync(process.execPath, [BIN, command, '--help'], { encoding: 'utf8' });
    expect(named(prefix)).toHaveLength(2);
    for (const service of named(prefix)) {
      const [first, ...flags] = service.command ?? [];
      expect(first).toBe(command);
      for (const flag of flags) expect(help).toContain(`${flag.split('=')[0]} `);
      for (const node of named('restate')) {
        expect(service.depends_on).toContain(node.name);
        for (const port of [8080, 9070]) expect(flags.join()).toContain(`http://${node.name}:${port}`);
      }
    }
  });

  test('each worker is reached under its own name, and Restate reaches all under one', () => {
    for (const { name, command, networks } of named('worker')) {
      expect(command).toContain(`--address=http://${name}:9080`);
      expect(command).toContain(`--advertise=http://${networks?.default.aliases[0]}:9080`);
    }
  });

  test('three nodes know each other, and one of them provisions the cluster', () => {
    const nodes = named('restate');
    const addresses = nodes.map(({ name }) => `http://${name}:5122`);
    for (const { name, environment, volumes: mounted } of nodes) {
      expect(JSON.parse(environment?.RESTATE_METADATA_CLIENT__ADDRESSES ?? '')).toEqual(addresses);
      expect(environment).toMatchObject({
        RESTATE_NODE_NAME: name,
        RESTATE_ADVERTISED_ADDRESS: `http://${name}:5122`,
      });
      expect(mounted).toEqual([`${name}:/restate-data`]);
    }
    expect(nodes.map(({ environment }) => environment?.RESTATE_AUTO_PROVISION)).toEqual([
      'true',
      'false',
      'false',
    ]);
    expect(Object.keys(volumes)).toEqual(nodes.map(({ name }) => name));
    expect(Object.keys(secrets)).toEqual(['credentials']);
  });
});

interface Cluster {
  readonly services: Readonly<
    Record<
      string,
      {
        readonly command?: readonly string[];
        readonly depends_on?: readonly string[];
        readonly environment?: Readonly<Record<string, string>>;
        readonly networks?: { readonly default: { readonly aliases: readonly string[] } };
        readonly volumes?: readonly string[];
      }
    >
  >;
  readonly volumes: object;
  readonly secrets: object;
}

describe('kubernetes', () => {
  const kustomization: { resources: string[] } = parse(read('kubernetes/kustomization.yaml'));
  const manifests = kustomization.resources.map((file) => parse(read(`kubernetes/${file}`)));
  const byKind = (kind: string) => manifests.find((each) => each.kind === kind);

  test('the kustomization lists every manifest', () => {
    const files = readdirSync(new URL('kubernetes/', DEPLOY)).filter((file) => file !== 'kustomization.yaml');
    expect([...kustomization.resources].sort()).toEqual(files.sort());
  });

  test('selectors, ports and probes fit together', () => {
    const { spec } = byKind('StatefulSet');
    const [container] = spec.template.spec.containers;
    const ports = container.ports.map(({ name }: { name: string }) => name);
    const { labels } = spec.template.metadata;
    expect(spec.selector.matchLabels).toEqual(labels);
    expect(byKind('Service').spec.selector).toEqual(labels);
    expect(byKind('PodDisruptionBudget').spec.selector.matchLabels).toEqual(labels);
    expect(byKind('NetworkPolicy').spec.podSelector.matchLabels).toEqual(labels);
    for (const { targetPort } of byKind('Service').spec.ports) expect(ports).toContain(targetPort);
    for (const probe of ['startupProbe', 'readinessProbe', 'livenessProbe'])
      expect(ports).toContain(container[probe].httpGet.port);
    const mounts = container.volumeMounts.map(({ name }: { name: string }) => name).sort();
    const volumes = [
      ...spec.template.spec.volumes,
      ...spec.volumeClaimTemplates.map((each: { metadata: object }) => each.metadata),
    ];
    expect(volumes.map(({ name }: { name: string }) => name).sort()).toEqual(mounts);
  });

  test('no port of the broker is published while it listens on the loopback of the container', () => {
    const { command, ports } = parse(read('compose.yaml')).services.tripline;
    const [{ args, ports: containerPorts }] = byKind('StatefulSet').spec.template.spec.containers;
    for (const flags of [command, args]) expect(flags).not.toContain('--tls-cert');
    expect(ports).toEqual(['127.0.0.1:9470:9470']);
    expect(containerPorts).toEqual([{ name: 'http', containerPort: 9470 }]);
    expect(byKind('Service').spec.ports).toHaveLength(1);
  });

  test('the probes are answered', async () => {
    const [container] = byKind('StatefulSet').spec.template.spec.containers;
    for (const probe of ['startupProbe', 'readinessProbe', 'livenessProbe'])
      expect((await fetch(server.url + container[probe].httpGet.path)).status).toBe(200);
  });

  const hasKubectl = spawnSync('kubectl', ['version', '--client']).status === 0;
  test.skipIf(!hasKubectl)('kubectl builds it (skipped where kubectl is absent)', () => {
    const folder = fileURLToPath(new URL('kubernetes/', DEPLOY));
    const built = execFileSync('kubectl', ['kustomize', folder], { encoding: 'utf8' });
    expect(built.split('\n---\n')).toHaveLength(kustomization.resources.length);
  });
});

const hasSystemd = spawnSync('systemd-analyze', ['--version']).status === 0;
test.skipIf(!hasSystemd)('systemd accepts the unit (skipped where systemd-analyze is absent)', () => {
  const unit = fileURLToPath(new URL('systemd/tripline.service', DEPLOY));
  const { status, stderr } = spawnSync('systemd-analyze', ['verify', unit], { encoding: 'utf8' });
  expect([status, stderr]).toEqual([0, '']);
});
