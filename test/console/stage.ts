import { mkdtempSync, writeFileSync } from 'node:fs';
import { createServer, type Server as HttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, BrowserContextOptions } from 'playwright-core';
import { expect } from 'vitest';
import { startTestServer, type TestServer } from '../support/server.ts';
import { freePort } from '../support/server-process.ts';
import { launchBrowser, type OpenedPage, openPage } from './browser.ts';
import { connectDevices, fillPlant } from './plant.ts';
import { failEverything, loseServer, signIn, type View } from './screens.ts';

/** A key without permissions. */
const NOBODY = { accessKeyId: 'AKIANOBODY', secretAccessKey: 'nobody-secret' };

interface Parts {
  readonly browser: Browser;
  readonly filled: TestServer;
  readonly empty: TestServer;
  readonly locked: TestServer;
  readonly targets: HttpServer;
  readonly disconnect: () => Promise<void>;
  readonly environment: NodeJS.ProcessEnv;
}

/** Resources for viewing screens: a browser, and servers that are filled, empty and locked. */
export class Stage {
  readonly #parts: Parts;

  private constructor(parts: Parts) {
    this.#parts = parts;
  }

  get browser(): Browser {
    return this.#parts.browser;
  }

  get filled(): TestServer {
    return this.#parts.filled;
  }

  static async open(): Promise<Stage> {
    const environment = { ...process.env };
    const targets = await startTargets();
    const { port } = targets.address() as AddressInfo;
    Object.assign(process.env, {
      AWS_ENDPOINT_URL: `http://127.0.0.1:${port}`,
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
    });
    const credentials = join(mkdtempSync(join(tmpdir(), 'tripline-keys-')), 'keys.json');
    const policy = { Statement: [{ Effect: 'Deny', Action: '*', Resource: '*' }] };
    writeFileSync(credentials, JSON.stringify({ credentials: [{ ...NOBODY, policy }] }), { mode: 0o600 });
    const mqttPort = await freePort();
    const [browser, filled, empty, locked] = await Promise.all([
      launchBrowser(),
      startTestServer({}, { mqttPort, actions: 'aws' }),
      startTestServer(),
      startTestServer({}, { credentials }),
    ]);
    await fillPlant(filled.url);
    const disconnect = await connectDevices(mqttPort);
    return new Stage({ browser, filled, empty, locked, targets, disconnect, environment });
  }

  async close(): Promise<void> {
    const { browser, disconnect, filled, empty, locked, targets, environment } = this.#parts;
    await browser.close();
    await disconnect();
    await Promise.all([filled, empty, locked].map((server) => server.dispose()));
    targets.closeAllConnections();
    targets.close();
    process.env = environment;
  }

  /** A new page that shows a view, loaded and prepared. */
  async show(view: View, options: BrowserContextOptions): Promise<OpenedPage> {
    const { path, ready, trouble, isEmpty, prepare } = view;
    const isLocked = trouble === 'locked' || trouble === 'denied';
    const { browser, filled, empty, locked } = this.#parts;
    const server = isEmpty ? empty : isLocked ? locked : filled;
    const opened = await openPage(browser, { reducedMotion: 'reduce', ...options });
    const { page } = opened;
    if (trouble === 'failing') await failEverything(page);
    if (trouble === 'gone') await loseServer(page);
    await page.goto(server.url + path);
    if (trouble === 'denied') await signIn(page, NOBODY);
    await page.getByRole('heading', { name: ready, exact: true }).first().waitFor();
    await expect.poll(() => page.locator('.spinner').count(), { timeout: 10_000 }).toBe(0);
    await prepare?.(page);
    return opened;
  }
}

/** Queues that accept everything, a table that is down, and missing functions and SNS topics. */
async function startTargets(): Promise<HttpServer> {
  const targets = createServer((request, response) => {
    request.resume();
    request.on('end', () => {
      const target = String(request.headers['x-amz-target']);
      const answer = (status: number, type: string, body: string, error = '') => {
        response.writeHead(status, { 'content-type': type, 'x-amzn-errortype': error });
        response.end(body);
      };
      if (target.startsWith('AmazonSQS')) answer(200, 'application/x-amz-json-1.0', '{"MessageId": "7f6a"}');
      else if (target.startsWith('DynamoDB'))
        answer(
          500,
          'application/x-amz-json-1.0',
          '{"__type": "InternalServerError", "message": "The table is down"}',
        );
      else if (request.url?.includes('/functions/'))
        answer(
          404,
          'application/json',
          '{"Message": "Function not found: OpenTicket"}',
          'ResourceNotFoundException',
        );
      else
        answer(
          404,
          'text/xml',
          '<ErrorResponse><Error><Type>Sender</Type><Code>NotFound</Code><Message>Topic does not exist</Message></Error></ErrorResponse>',
        );
    });
  });
  await new Promise<void>((resolve) => targets.listen(0, '127.0.0.1', resolve));
  return targets;
}
