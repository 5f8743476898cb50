import { join } from "node:path";
import { ActivityEventsClient, type EventInit, serviceFiles } from "@activity-events/client";
import { freePort } from "@activity-events/testing/free-port";
import { type StartedHttp, startPage } from "@activity-events/testing/http-process";
import { type RunningService, startService } from "@activity-events/testing/running-service";
import { temporaryFolder } from "@activity-events/testing/temporary-folder";
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import { chromiumFile } from "./chromium.ts";

/** Longest wait for something in the browser, in ms: shorter than jest's time limit, which would not name it. */
const patienceMs = 120_000;

/** The real service and the real metrics service, each in a process of its own, and a browser. */
export class Activity implements AsyncDisposable {
  readonly #folder = temporaryFolder();
  readonly #ports: { readonly service: number; readonly page: number };
  #browser: Browser | undefined;
  #service: RunningService | undefined;
  #page: StartedHttp | undefined;
  #client: ActivityEventsClient | undefined;

  private constructor(ports: { readonly service: number; readonly page: number }) {
    this.#ports = ports;
  }

  /** Starts both, or the metrics service alone. */
  static async start({ isServiceAway = false } = {}): Promise<Activity> {
    const activity = new Activity({ service: await freePort(), page: await freePort() });
    if (!isServiceAway) await activity.startService();
    await activity.startPage();
    return activity;
  }

  async startService(): Promise<void> {
    this.#service = await startService({ dataDir: this.#folder.path, port: this.#ports.service });
  }

  async startPage(): Promise<void> {
    const service = `127.0.0.1:${this.#ports.service}`;
    this.#page = await startPage({ service, environment: { PAGE_PORT: `${this.#ports.page}` } });
  }

  /** Kills the service like a crash. */
  async killService(): Promise<void> {
    await this.#service?.kill();
  }

  /** Kills the metrics service like a crash. */
  async killPage(): Promise<void> {
    await this.#page?.[Symbol.asyncDispose]();
  }

  get url(): string {
    return `http://127.0.0.1:${this.#ports.page}`;
  }

  /** Shows the service's admin token. */
  get client(): ActivityEventsClient {
    this.#client ??= new ActivityEventsClient({
      address: `127.0.0.1:${this.#ports.service}`,
      tls: false,
      ...serviceFiles({ tokenFile: join(this.#folder.path, "admin-token") }),
    });
    return this.#client;
  }

  /** Records events, one after the other. */
  async record(...events: readonly EventInit[]): Promise<void> {
    for (const event of events) await this.client.createEvent({ event });
  }

  /** Opens a view in a tab of its own profile. */
  async open(path = "/", options: BrowserContextOptions = {}): Promise<Page> {
    const tab = await this.tab(options);
    await tab.goto(`${this.url}${path}`);
    return tab;
  }

  /** Opens an empty tab of its own profile. */
  async tab(options: BrowserContextOptions = {}): Promise<Page> {
    this.#browser ??= await chromium.launch({
      executablePath: chromiumFile,
      args: ["--no-sandbox", "--disable-dev-shm-usage"],
      // A browser keeps a page for going back; its drivers have it not do so.
      ignoreDefaultArgs: ["--disable-back-forward-cache"],
    });
    const context = await this.#browser.newContext({
      viewport: { width: 1_240, height: 900 },
      locale: "en-GB",
      ...options,
    });
    context.setDefaultTimeout(patienceMs);
    return context.newPage();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#browser?.close();
    this.#client?.close();
    await this.killPage();
    await this.#service?.kill();
    this.#folder[Symbol.dispose]();
  }
}
