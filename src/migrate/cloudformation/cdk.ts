import { memberOf, type Node, textOf } from '../node.ts';
import { folderOf, join } from '../paths.ts';
import { readDocument } from '../read/document.ts';
import type { StackHints } from './templates.ts';

/** What the manifests of CDK output folders say about the templates there. */
export interface CdkStacks {
  readonly hintsOf: (path: string) => StackHints | undefined;
  /** True for other files of such a folder: assets, the construct tree, nested templates. */
  readonly isPassedOver: (path: string) => boolean;
}

export function cdkStacks(
  files: readonly { readonly path: string }[],
  read: (path: string) => string | undefined,
): CdkStacks {
  const folders = new Map<string, ReadonlyMap<string, StackHints> | undefined>();
  for (const { path } of files) {
    const folder = folderOf(path);
    if (!folders.has(folder)) folders.set(folder, readManifest(folder, read(join(folder, 'manifest.json'))));
  }
  return {
    hintsOf: (path) => folders.get(folderOf(path))?.get(path),
    isPassedOver: (path) => folders.get(folderOf(path))?.has(path) === false,
  };
}

/** Hints by the path of the template; undefined if the text is not a CDK manifest. */
function readManifest(folder: string, text: string | undefined): ReadonlyMap<string, StackHints> | undefined {
  if (text === undefined) return undefined;
  const document = readDocument({ path: join(folder, 'manifest.json'), text });
  const artifacts = memberOf(document.ok ? document.nodes[0] : undefined, 'artifacts');
  if (artifacts?.kind !== 'object') return undefined;
  return new Map(
    artifacts.members.flatMap(({ name, value }) => {
      const template = textOf(memberOf(memberOf(value, 'properties'), 'templateFile'));
      if (textOf(memberOf(value, 'type')) !== 'aws:cloudformation:stack' || template === undefined) return [];
      return [[join(folder, template), hintsOf(name, value)] as const];
    }),
  );
}

/** `environment` is `aws://ACCOUNT/REGION`, with `unknown-account` and `unknown-region` as placeholders. */
function hintsOf(artifact: string, value: Node): StackHints {
  const [, accountId, region] =
    /^aws:\/\/([^/]+)\/(.+)$/.exec(textOf(memberOf(value, 'environment')) ?? '') ?? [];
  return {
    stackName: textOf(memberOf(memberOf(value, 'properties'), 'stackName')) ?? artifact,
    ...(accountId !== undefined && !accountId.startsWith('unknown') && { accountId }),
    ...(region !== undefined && !region.startsWith('unknown') && { region }),
  };
}
