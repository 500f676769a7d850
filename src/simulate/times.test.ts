import { expect, test } from 'vitest';
import { parseDuration, parseTime, showDuration } from './times.ts';

const MIDNIGHT = Date.parse('2026-01-01T00:00:00.000Z');

test.each<[string | number, number | undefined]>([
  ['2026-01-01', MIDNIGHT],
  ['2026-01-01T00:00:00Z', MIDNIGHT],
  ['2026-01-01T00:00:00', MIDNIGHT],
  ['2026-01-01 00:00:00', MIDNIGHT],
  ['2026-01-01T00:00', MIDNIGHT],
  ['2026-01-01T02:00:00+02:00', MIDNIGHT],
  ['2026-01-01T00:00:00.250Z', MIDNIGHT + 250],
  ['2026-01-01T00:00:00,250Z', MIDNIGHT + 250],
  ['2026-01-01T02:00:00+0200', MIDNIGHT],
  ['2025-12-31 19:00:00-05', MIDNIGHT],
  ['1.7672256e12', MIDNIGHT],
  [1_767_225_600, MIDNIGHT],
  ['1767225600', MIDNIGHT],
  [1_767_225_600_000, MIDNIGHT],
  ['1767225600000', MIDNIGHT],
  [1_767_225_600.5, MIDNIGHT + 500],
  [99_999_999_999, 99_999_999_999_000],
  ['yesterday', undefined],
  ['2026-13-01', undefined],
  ['2026-02-29T12:00:00Z', undefined],
  ['2026-04-31', undefined],
  ['', undefined],
])('the time %j', (text, time) => {
  expect(parseTime(text)).toBe(time);
});

test.each<[string | number, number | undefined]>([
  ['90s', 90_000],
  ['90', 90_000],
  [1.5, 1500],
  ['1h30m', 5_400_000],
  ['2d', 172_800_000],
  ['500ms', 500],
  ['1m500ms', 60_500],
  ['5 m', undefined],
  ['1w', undefined],
  ['-1', undefined],
  ['', undefined],
])('the duration %j', (text, duration) => {
  expect(parseDuration(text)).toBe(duration);
});

test.each([
  [0, '0 s'],
  [2500, '2.5 s'],
  [300_000, '5 min'],
  [5_400_000, '1 h 30 min'],
  [90_061_000, '1 d 1 h 1 min 1 s'],
])('%d ms is shown as %s', (duration, text) => {
  expect(showDuration(duration)).toBe(text);
});
