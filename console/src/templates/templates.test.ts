import { expect, test } from 'vitest';
import { check } from '../editor/check.ts';
import { TEMPLATES } from './templates.ts';

test.each(TEMPLATES)(
  'the template $title has no errors, and no warnings but for what is missing',
  ({ id, ...given }) => {
    const { definition, input } = given;
    const findings = check(definition, new Map([[input.inputName, input.attributes]]));
    const grave = findings.filter(({ level }) => level !== 'INFO').map(({ message }) => message);
    // An empty model reads no input yet: that is for its user to add.
    expect(grave).toEqual(id === 'empty' ? [expect.stringContaining('Input')] : []);
  },
);
