import { expect, test } from 'vitest';
import { CircuitBreaker } from './circuit-breaker.ts';

function broken(random = 0): CircuitBreaker {
  const breaker = new CircuitBreaker(() => random);
  for (let n = 0; n < 5; n++) breaker.failed(0);
  return breaker;
}

test('opens at the fifth consecutive failure, not before', () => {
  const breaker = new CircuitBreaker(() => 0);
  for (let n = 0; n < 4; n++) breaker.failed(0);
  expect([breaker.state, breaker.allows(0)]).toEqual(['CLOSED', true]);
  breaker.answered();
  for (let n = 0; n < 4; n++) breaker.failed(0);
  expect(breaker.state).toBe('CLOSED');
  breaker.failed(0);
  expect([breaker.state, breaker.allows(0), breaker.retryAt]).toEqual(['OPEN', false, 250]);
});

test('lets one probe through when its time comes, and waits longer after each failure', () => {
  const breaker = broken();
  const waits: number[] = [];
  let now = 0;
  for (let n = 0; n < 8; n++) {
    waits.push(breaker.retryAt - now);
    expect(breaker.allows(breaker.retryAt - 1)).toBe(false);
    now = breaker.retryAt;
    expect(breaker.allows(now)).toBe(true);
    breaker.began();
    expect([breaker.state, breaker.allows(now)]).toEqual(['PROBING', false]);
    breaker.failed(now);
  }
  expect(waits).toEqual([250, 500, 1000, 2000, 4000, 5000, 5000, 5000]);
});

test('the wait is between half of its ceiling and all of it', () => {
  expect([broken(0).retryAt, broken(0.5).retryAt, broken(0.999).retryAt]).toEqual([250, 375, 499.75]);
});

test('an answer closes it and resets the wait; failures that began before it opened change nothing', () => {
  const breaker = broken();
  breaker.failed(100);
  expect(breaker.retryAt).toBe(250);
  breaker.began();
  breaker.answered();
  expect([breaker.state, breaker.allows(0)]).toEqual(['CLOSED', true]);
  for (let n = 0; n < 5; n++) breaker.failed(1000);
  expect(breaker.retryAt).toBe(1250);
});
