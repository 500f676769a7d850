import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest';
import { startTestServer, type TestServer } from '../support/server.ts';
import { launchBrowser, type OpenedPage, openPage } from './browser.ts';
import { createModels } from './plant.ts';

/** Shared by the tests of a `describe`; only within its tests. */
export interface Console {
  readonly server: TestServer;
  readonly page: Page;
  /** Permits complaints of the page in this test. */
  mayComplain: (about: RegExp) => void;
}

/**
 * A browser and a server with the models of a plant for all tests, and a page for each, which must have no complaints.
 */
export function useConsole(): Console {
  let browser: Browser;
  let server: TestServer;
  let opened: OpenedPage;
  let allowed: RegExp | undefined;
  beforeAll(async () => {
    browser = await launchBrowser();
    server = await startTestServer();
    await createModels(server.url);
  });
  afterAll(async () => {
    await browser.close();
    await server.dispose();
  });
  beforeEach(async () => {
    allowed = undefined;
    opened = await openPage(browser);
  });
  afterEach(async () => {
    await opened.close();
    expect(opened.complaints.filter((text) => allowed?.test(text) !== true)).toEqual([]);
  });
  return {
    mayComplain: (about) => {
      allowed = about;
    },
    get server() {
      return server;
    },
    get page() {
      return opened.page;
    },
  };
}
