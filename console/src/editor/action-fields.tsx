import { ACTION_FIELDS, isExternal } from '../../../src/core/model/action-fields.ts';
import { at, isObject, type Json, type Path, parsePath, pathText } from '../document/json.ts';
import { ExpressionField } from './expression-field.tsx';
import { ChoiceField, TextField } from './fields.tsx';
import { marksOf } from './marks.ts';
import type { Editor } from './use-editor.ts';

interface Field {
  readonly name: string;
  readonly isExpression: boolean;
}

const OWN_FIELDS: Readonly<Record<string, readonly Field[]>> = {
  setVariable: [
    { name: 'variableName', isExpression: false },
    { name: 'value', isExpression: true },
  ],
  setTimer: [
    { name: 'timerName', isExpression: false },
    { name: 'durationExpression', isExpression: true },
  ],
  resetTimer: [{ name: 'timerName', isExpression: false }],
  clearTimer: [{ name: 'timerName', isExpression: false }],
};

function fieldsOf(type: string): readonly Field[] {
  if (!isExternal(type)) return OWN_FIELDS[type] ?? [];
  return ACTION_FIELDS[type].map(({ name, mode }) => ({ name, isExpression: mode !== 'literal' }));
}

const LABELS: Readonly<Record<string, string>> = {
  variableName: 'Variable',
  value: 'Value',
  timerName: 'Timer',
  durationExpression: 'Seconds (expression)',
  seconds: 'Seconds',
};

/** `hashKeyValue` as `Hash key value`, members of members by their last names. */
export function labelOf(name: string): string {
  const known = LABELS[name];
  if (known !== undefined) return known;
  const words = (name.split('.').at(-1) ?? name).replace(
    /(?<=[a-z])[A-Z]/g,
    (letter) => ` ${letter.toLowerCase()}`,
  );
  return words.charAt(0).toUpperCase() + words.slice(1);
}

export interface ActionFieldsProps {
  readonly editor: Editor;
  readonly path: Path;
  readonly problemAt: (place: string) => string | undefined;
}

/** The parameters of one action. What is not a known parameter is kept, and left to the JSON tab. */
export function ActionFields({ editor, path, problemAt }: ActionFieldsProps) {
  const action = at(editor.history.document, path);
  const type = isObject(action) ? Object.keys(action)[0] : undefined;
  if (type === undefined) return null;
  const parameters = at(editor.history.document, [...path, type]);
  const set = (inner: Path, value: Json | undefined) => {
    const whole: Path = [...path, type, ...inner];
    editor.run({ type: 'set', path: whole, value }, pathText(whole));
  };
  const hasSeconds = at(parameters ?? null, ['seconds']) !== undefined;
  const fields = fieldsOf(type).filter(({ name }) => !(name === 'durationExpression' && hasSeconds));
  return (
    <div className="stack tight">
      {type === 'setTimer' && hasSeconds && (
        <TextField
          label="Seconds"
          value={String(at(parameters ?? null, ['seconds']))}
          onChange={(text) => set(['seconds'], /^\d+$/.test(text) ? Number(text) : text)}
          place={pathText([...path, type, 'seconds'])}
          problem={problemAt(pathText([...path, type]))}
        />
      )}
      {fields.map(({ name, isExpression }) => {
        const inner = parsePath(name);
        const place = pathText([...path, type, ...inner]);
        const value = at(parameters ?? null, inner);
        if (name === 'useBase64')
          return (
            <label key={name} className="check">
              <input
                type="checkbox"
                checked={value === true}
                onChange={({ target }) => set(inner, target.checked)}
              />
              Base64
            </label>
          );
        // Rarely used parameters of SiteWise and DynamoDB are shown once they are there.
        if (value === undefined && OPTIONAL.test(name)) return null;
        const common = {
          label: labelOf(name),
          value: value === undefined || value === null ? '' : String(value),
          onChange: (text: string) => set(inner, text === '' && OPTIONAL.test(name) ? undefined : text),
          problem: problemAt(place),
          place,
        };
        return isExpression ? (
          <ExpressionField key={name} {...common} marks={marksOf(editor.findings, pathText(path), name)} />
        ) : (
          <TextField key={name} {...common} />
        );
      })}
      {isExternal(type) && (
        <Payload
          editor={editor}
          action={pathText(path)}
          path={[...path, type, 'payload']}
          problemAt={problemAt}
        />
      )}
    </div>
  );
}

const OPTIONAL =
  /^(entryId|assetId|propertyId|rangeKey\w*|hashKeyType|operation|payloadField|separator|propertyValue\.(timestamp|quality|value\.(string|integer|boolean)).*)$/;

function Payload({ editor, path, action, problemAt }: ActionFieldsProps & { readonly action: string }) {
  const payload = at(editor.history.document, path);
  const place = pathText([...path, 'contentExpression']);
  const kind = isObject(payload) ? String(payload.type) : 'Default';
  const choose = (next: string) => {
    if (next === 'Default') editor.run({ type: 'set', path, value: undefined });
    else if (isObject(payload)) editor.run({ type: 'set', path: [...path, 'type'], value: next });
    else editor.run({ type: 'set', path, value: { contentExpression: "'text'", type: next } });
  };
  return (
    <>
      <ChoiceField label="Payload" value={kind} values={['Default', 'STRING', 'JSON']} onChange={choose} />
      {isObject(payload) && (
        <ExpressionField
          label="Content expression"
          marks={marksOf(editor.findings, action, 'contentExpression')}
          value={String(payload.contentExpression ?? '')}
          onChange={(value) =>
            editor.run(
              { type: 'set', path: [...path, 'contentExpression'], value },
              pathText([...path, 'contentExpression']),
            )
          }
          problem={problemAt(place)}
          place={place}
        />
      )}
    </>
  );
}
