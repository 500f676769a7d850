import { type CompiledTemplate, compileTemplate, type Scope, type SqlError } from '../sql/index.ts';
import type { RepublishHeaders } from './definition.ts';
import type { MqttProperties } from './publication.ts';

/** Maximum UTF-8 bytes of one header after substitution (docs/topic-rules.md: Actions). */
const LONGEST_HEADER = 1024;

type TemplateOptions = Parameters<typeof compileTemplate>[1];

/** Evaluates the MQTT 5 properties of a republish action; returns the reason as text when they are invalid. */
export type Headers = (scope: Scope) => MqttProperties | string;

/** Compiles the headers; every member is a substitution template. */
export function compileHeaders(
  headers: RepublishHeaders,
  options: TemplateOptions,
): { readonly ok: true; readonly value: Headers } | { readonly ok: false; readonly error: SqlError } {
  const { userProperties = [], ...texts } = headers;
  const compiled = new Map<string, CompiledTemplate>();
  for (const [name, text] of Object.entries(texts)) {
    if (typeof text !== 'string') continue;
    const template = compileTemplate(text, options);
    if (!template.ok) return template;
    compiled.set(name, template.value);
  }
  const pairs: (readonly [CompiledTemplate, CompiledTemplate])[] = [];
  for (const { key, value } of userProperties) {
    const [keyTemplate, valueTemplate] = [compileTemplate(key, options), compileTemplate(value, options)];
    if (!keyTemplate.ok) return keyTemplate;
    if (!valueTemplate.ok) return valueTemplate;
    pairs.push([keyTemplate.value, valueTemplate.value]);
  }
  return { ok: true, value: (scope) => render(compiled, pairs, scope) };
}

function render(
  templates: ReadonlyMap<string, CompiledTemplate>,
  pairs: readonly (readonly [CompiledTemplate, CompiledTemplate])[],
  scope: Scope,
): MqttProperties | string {
  const texts = new Map([...templates].map(([name, template]) => [name, template.render(scope)]));
  const userProperties = pairs.map(([key, value]) => ({
    key: key.render(scope),
    value: value.render(scope),
  }));
  const all = [...texts.values(), ...userProperties.flatMap(({ key, value }) => [key, value])];
  if (all.some((text) => text.length > LONGEST_HEADER))
    return `A header has more than ${LONGEST_HEADER} characters`;
  const expiry = texts.get('messageExpiry');
  if (expiry !== undefined && !/^\d{1,9}$/.test(expiry))
    return `The header messageExpiry must be a number of seconds, not '${expiry}'`;
  const indicator = texts.get('payloadFormatIndicator');
  if (indicator !== undefined && indicator !== 'UTF8_DATA' && indicator !== 'UNSPECIFIED_BYTES')
    return `The header payloadFormatIndicator must be UTF8_DATA or UNSPECIFIED_BYTES, not '${indicator}'`;
  const correlation = texts.get('correlationData');
  return {
    userProperties,
    payloadFormatIndicator: indicator === undefined ? undefined : indicator === 'UTF8_DATA',
    contentType: texts.get('contentType'),
    responseTopic: texts.get('responseTopic'),
    correlationData: correlation === undefined ? undefined : Buffer.from(correlation, 'base64'),
    messageExpiry: expiry === undefined ? undefined : Number(expiry),
  };
}
