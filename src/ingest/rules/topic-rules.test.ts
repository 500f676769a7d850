import { describe, expect, test } from 'vitest';
import { quietLog } from '../../../test/support/quiet.ts';
import { roleArn, startRules } from '../../../test/support/rules.ts';
import { FORMAT, migrate } from '../../runtime/embedded/migrations.ts';
import { openMemoryStore } from '../../store/memory-store.ts';
import type { RuleRows } from './rule-rows.ts';

const action = { iotEvents: { inputName: 'I', roleArn } };
const sql = "SELECT * FROM 'a'";

describe('rules', () => {
  test('are durable, and a replaced rule keeps its time and tags', async () => {
    const rig = await startRules();
    await rig.rules.create('r', { sql, actions: [action], description: 'one', ruleDisabled: true }, [
      { Key: 'k', Value: 'v' },
    ]);
    await rig.rules.replace('r', { sql: "SELECT b FROM 'c'", actions: [] });
    rig.opened.close();
    const again = await startRules({ image: rig.image });
    expect(again.rules.get('r')?.record).toEqual({
      ruleName: 'r',
      payload: { sql: "SELECT b FROM 'c'", actions: [] },
      createdAt: 1_600_000_000_000,
      tags: [{ Key: 'k', Value: 'v' }],
    });
    await again.rules.delete('r');
    expect((await startRules({ image: rig.image })).rules.list()).toEqual([]);
  });

  test('that are unknown or already exist are refused', async () => {
    const rig = await startRules({ limits: { topicRules: 1 } });
    await rig.create('r', { sql });
    await expect(rig.create('r', { sql })).rejects.toMatchObject({ refusal: { code: 'Exists' } });
    await expect(rig.create('s', { sql })).rejects.toMatchObject({ refusal: { code: 'Full' } });
    for (const change of [
      rig.rules.delete('x'),
      rig.rules.setDisabled('x', true),
      rig.rules.replace('x', { sql, actions: [] }),
    ])
      await expect(change).rejects.toMatchObject({
        refusal: { code: 'Unknown', message: "Access to topic rule 'x' was denied" },
      });
  });

  test.each([
    [{ sql: 'SELEC' }, 'SqlParseException', 'Expected SELECT'],
    [
      { sql: "SELECT get_thing_shadow('a', 'b') AS s" },
      'InvalidRequestException',
      'needs AWS IoT device shadows',
    ],
    [
      { actions: [{ sns: {} }] },
      'InvalidRequestException',
      'actions[0]: action "sns" is not supported by Tripline (supported: iotEvents, republish); set mqtt.unsupportedActions to "skip" to store it and not run it',
    ],
    [{ actions: [{}] }, 'InvalidRequestException', 'actions[0]: an action has exactly one kind; found none'],
    [
      { actions: [{ ...action, republish: { topic: 't', roleArn } }] },
      'InvalidRequestException',
      'found iotEvents, republish',
    ],
    [
      { actions: Array(11).fill(action) },
      'InvalidRequestException',
      'Number of actions 11 exceeds the limit 10',
    ],
    [
      { actions: [{ iotEvents: { inputName: 'I', roleArn, messageId: 'x', batchMode: true } }] },
      'InvalidRequestException',
      'messageId cannot be given together with batchMode',
    ],
    [
      { actions: [{ republish: { topic: 'a/${', roleArn } }] },
      'SqlParseException',
      'actions[0].republish.topic: Expected an expression',
    ],
    [{ errorAction: { s3: {} } }, 'InvalidRequestException', 'errorAction: action "s3" is not supported'],
    [{ description: 'x'.repeat(140_000) }, 'InvalidRequestException', 'bytes as JSON; the limit is 131072'],
  ])('%j are refused', async (payload, code, message) => {
    const rig = await startRules();
    await expect(rig.create('r', { sql, ...payload })).rejects.toMatchObject({
      refusal: { code, message: expect.stringContaining(message) },
    });
    expect(rig.rules.list()).toEqual([]);
    expect(rig.image.rows.size).toBe(0);
  });

  test('with a regular expression that nothing can match are created with a warning', async () => {
    const rig = await startRules();
    const made = await rig.create('r', {
      sql: "SELECT regexp_matches(x, '(') AS m FROM 'a'",
      actions: [action],
    });
    expect(made.warnings).toEqual([
      'regexp_matches(): The regular expression ( cannot be read, so the result is always Undefined',
    ]);
  });

  test('with unsupported actions are stored and counted when configured so', async () => {
    const rig = await startRules({ unsupportedActions: 'skip' });
    const sns = { targetArn: 'arn:x', unknown: [1, { a: null }] };
    const made = await rig.create('r', { sql, actions: [{ sns }, action] });
    expect(made.warnings).toEqual(['Its action sns is stored but not run']);
    await rig.publish('a', '{"n":1}');
    expect(rig.messages).toHaveLength(1);
    expect(rig.rules.get('r')?.record.payload.actions[0]).toEqual({ sns });
    expect(await rig.count('rule_actions_skipped', { rule: 'r', action: 'sns' })).toBe(1);
    // Stored rules are kept even when new ones of that kind are refused.
    expect((await startRules({ image: rig.image })).rules.get('r')?.compiled.skipped).toEqual(['sns']);
  });
});

/** Rows shared by several processes. */
function sharedRows() {
  const all = new Map<string, string>();
  let version = 0;
  const rows: RuleRows = {
    read: async (known) => (known === version ? undefined : { version, rows: [...all] }),
    async commit(changes, known) {
      if (known !== version) return undefined;
      for (const [key, text] of changes) {
        if (text === null) all.delete(key);
        else all.set(key, text);
      }
      return ++version;
    },
  };
  return {
    rows,
    /** Simulates a process of a later version. */
    write(key: string, text: string) {
      all.set(key, text);
      version++;
    },
  };
}

describe('rules changed by several processes', () => {
  const namesOf = (rig: Awaited<ReturnType<typeof startRules>>) =>
    rig.rules.list().map(({ record }) => record.ruleName);

  test('are the same for all, and a change takes earlier ones of others into account', async () => {
    const { rows } = sharedRows();
    const limits = { topicRules: 3 };
    const [one, other] = [await startRules({ rows, limits }), await startRules({ rows, limits })];
    await Promise.all([one.create('a', { sql }), other.create('b', { sql }), one.create('c', { sql })]);
    await expect(other.create('d', { sql })).rejects.toMatchObject({ refusal: { code: 'Full' } });
    await expect(other.create('a', { sql })).rejects.toMatchObject({ refusal: { code: 'Exists' } });
    await one.rules.delete('b');
    await expect(other.rules.setDisabled('b', true)).rejects.toMatchObject({ refusal: { code: 'Unknown' } });
    for (const rig of [one, other]) {
      await rig.rules.refresh();
      expect(namesOf(rig)).toEqual(['a', 'c']);
    }
  });

  test('apply after a refresh, and are announced only when they have changed', async () => {
    const { rows } = sharedRows();
    const [one, other] = [await startRules({ rows }), await startRules({ rows })];
    let told = 0;
    other.rules.onChange(() => told++);
    await one.create('r', { sql, actions: [action] });
    await other.publish('a', '{}');
    expect(other.messages).toEqual([]);
    await other.rules.refresh();
    await other.rules.refresh();
    await other.publish('a', '{}');
    expect([other.messages.length, told]).toEqual([1, 1]);
  });

  test('written by a later version are left out, and the others stay active', async () => {
    const { rows, write } = sharedRows();
    const rig = await startRules({ rows });
    await rig.create('old', { sql });
    await rig.create('changed', { sql });
    write('topic-rule/changed', JSON.stringify({ rowVersion: 2 }));
    await rig.rules.refresh();
    expect(namesOf(rig)).toEqual(['old']);
    await rig.create('new', { sql });
    expect(namesOf(rig)).toEqual(['new', 'old']);
  });

  test('that keep changing cannot be changed', async () => {
    const { rows, write } = sharedRows();
    const rig = await startRules({
      rows: {
        read: rows.read,
        commit: (changes, known) => {
          write('topic-rule/other', 'no JSON');
          return rows.commit(changes, known);
        },
      },
    });
    await expect(rig.create('r', { sql })).rejects.toMatchObject({ code: 'ServiceUnavailableException' });
  });
});

describe('rows', () => {
  const written = async () => {
    const rig = await startRules();
    await rig.create('kept', { sql: "SELECT * FROM 'a'" });
    const [key = '', text = ''] = [...rig.image.rows].find(([each]) => each.startsWith('topic-rule/')) ?? [];
    return { image: rig.image, key, row: JSON.parse(text) as object };
  };

  test('of this layout are found after migrating a data directory of an older format', async () => {
    const { image } = await written();
    image.rows.set('meta', JSON.stringify({ format: 4, slots: 256 }));
    await migrate(openMemoryStore(image), quietLog);
    expect(JSON.parse(image.rows.get('meta') ?? '')).toMatchObject({ format: FORMAT });
    expect((await startRules({ image })).rules.list().map(({ record }) => record.ruleName)).toEqual(['kept']);
  });

  test('that this version would refuse are left out and named, and can be replaced', async () => {
    const { image, key, row } = await written();
    const refused = { ...row, ruleName: 'refused', payload: { sql: "SELECT FROM 'a'", actions: [] } };
    image.rows.set(key.replace('kept', 'refused'), JSON.stringify(refused));
    const logged: unknown[] = [];
    const log = { ...quietLog, error: (fields: object, text: string) => logged.push([fields, text]) };
    const { rules, create } = await startRules({ image, log });
    const names = () => rules.list().map(({ record }) => record.ruleName);
    expect(names()).toEqual(['kept']);
    expect(logged).toEqual([
      [{ ruleName: 'refused' }, expect.stringMatching(/^a topic rule is not run: Unexpected FROM/)],
    ]);
    await create('refused', { sql });
    expect(names()).toEqual(['kept', 'refused']);
  });

  test('of a later layout are refused with both numbers, and left unchanged', async () => {
    const { image, key, row } = await written();
    const later = JSON.stringify({ ...row, rowVersion: 2 });
    image.rows.set(key, later);
    await expect(startRules({ image })).rejects.toMatchObject({
      code: 'VERSION',
      message: 'topic-rule/kept has layout 2; this version reads 1',
    });
    expect(image.rows.get(key)).toBe(later);
  });
});
