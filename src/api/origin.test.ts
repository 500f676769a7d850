import { expect, test } from 'vitest';
import { refuseForeign } from './origin.ts';

const ALLOWED = ['tripline.plant.example'];

test.each<[name: string, headers: Parameters<typeof refuseForeign>[0], taken: boolean]>([
  ['an address', { host: '127.0.0.1:9470' }, true],
  ['an address without a port', { host: '10.0.0.7' }, true],
  ['an IPv6 address', { host: '[::1]:9470' }, true],
  ['localhost', { host: 'localhost:9470' }, true],
  ['a name below localhost', { host: 'iotevents.localhost:9470' }, true],
  ['a name without a dot, as containers have', { host: 'tripline:9470' }, true],
  ['an allowed name', { host: 'tripline.plant.example:9470' }, true],
  ['an allowed name in capitals', { host: 'Tripline.Plant.Example' }, true],
  ['a name of someone else', { host: 'rebound.evil.example:9470' }, false],
  ['a name that begins as an address', { host: '127.0.0.1.evil.example' }, false],
  ['a name that ends as localhost', { host: 'evil-localhost.example' }, false],
  ['no host', {}, true],
  ['a page of this server', { host: '127.0.0.1:9470', origin: 'http://127.0.0.1:9470' }, true],
  ['a page of another port', { host: '127.0.0.1:9470', origin: 'http://127.0.0.1:80' }, false],
  ['a page of another site', { host: '127.0.0.1:9470', origin: 'https://evil.example' }, false],
  ['a page without an origin', { host: '127.0.0.1:9470', origin: 'null' }, false],
  [
    'a request that the browser says is cross-site',
    { host: '127.0.0.1:9470', 'sec-fetch-site': 'cross-site' },
    false,
  ],
  [
    'a request that the browser says is of this origin',
    { host: '127.0.0.1:9470', 'sec-fetch-site': 'same-origin' },
    true,
  ],
  ['a navigation by hand', { host: '127.0.0.1:9470', 'sec-fetch-site': 'none' }, true],
])('%s', (_name, headers, taken) => {
  const look = () => refuseForeign(headers, ALLOWED);
  if (taken) expect(look).not.toThrow();
  else expect(look).toThrow(expect.objectContaining({ code: 'AccessDeniedException', status: 403 }));
});

test('a link on another site may open a page in its own tab, on an allowed host name', () => {
  const link = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' };
  const host = '127.0.0.1:9470';
  expect(() => refuseForeign({ host, ...link }, ALLOWED, true)).not.toThrow();
  expect(() => refuseForeign({ host, ...link }, ALLOWED)).toThrow();
  expect(() => refuseForeign({ host, ...link, 'sec-fetch-dest': 'iframe' }, ALLOWED, true)).toThrow();
  expect(() => refuseForeign({ host: 'rebound.evil.example', ...link }, ALLOWED, true)).toThrow();
});
