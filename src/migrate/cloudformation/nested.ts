import { memberOf, type ObjectNode, plain, type Source, textOf } from '../node.ts';
import { beside } from '../paths.ts';
import { readDocument } from '../read/document.ts';
import type { Stack } from './stack.ts';

/** Finds the templates of nested stacks, if they are stored next to their parent. */
export class NestedTemplates {
  readonly #read: (path: string) => string | undefined;

  constructor(read: (path: string) => string | undefined) {
    this.#read = read;
  }

  isStack(resource: ObjectNode): boolean {
    const type = textOf(memberOf(resource, 'Type'));
    return type === 'AWS::CloudFormation::Stack' || type === 'AWS::Serverless::Application';
  }

  /** The location of a nested stack's template; undefined for other resources and for templates in a repository. */
  urlOf(parent: Stack, resource: ObjectNode): string | undefined {
    if (!this.isStack(resource)) return undefined;
    const properties = memberOf(resource, 'Properties');
    const given = memberOf(properties, 'TemplateURL') ?? memberOf(properties, 'Location');
    return textOf(given && parent.resolve(given));
  }

  find(parent: Stack, resource: ObjectNode): Source | undefined {
    if (!this.isStack(resource)) return undefined;
    const url = this.urlOf(parent, resource);
    const asset = textOf(memberOf(memberOf(resource, 'Metadata'), 'aws:asset:path'));
    for (const relative of [asset, url && this.#asset(parent, url), url]) {
      if (relative === undefined || relative === '' || relative.includes('://')) continue;
      const path = beside(parent.source.path, relative.replace(/^file:/, ''));
      const text = this.#read(path);
      if (text !== undefined) return { path, text };
    }
    return undefined;
  }

  /** CDK refers to a template in a bucket by its hash; `*.assets.json` maps the hash to a file. */
  #asset({ source }: Stack, url: string): string | undefined {
    const hash = url.split('/').at(-1)?.split('.')[0] ?? '';
    const assets = source.path.replace(/\.template\.json$|\.json$/, '.assets.json');
    const text = this.#read(assets);
    const read = text === undefined ? undefined : readDocument({ path: assets, text });
    const node = read?.ok ? read.nodes[0] : undefined;
    const file = memberOf(memberOf(node, 'files'), hash);
    const path = file && plain(file);
    return (
      textOf(memberOf(memberOf(file, 'source'), 'path')) ?? (typeof path === 'string' ? path : undefined)
    );
  }
}
