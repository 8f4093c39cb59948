/** The fake's sign-in: the same states and steps as the core's, with a browser that comes back by itself. */
import type { AccountStatus, AuthorizationStep, Event } from "../types";
import type { FakeOptions } from "./scenario";
import { ACCOUNT, error, HOLDER, waiting, type FakeState } from "./state";

const BROWSER = 1_500;
const EXCHANGE = 600;

export class FakeSignIn {
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private state: FakeState,
    private options: FakeOptions,
    private emit: (event: Event) => void,
  ) {}

  begin(): AccountStatus {
    if (this.state.client.client_id === null) {
      throw error("no_zoom_client", "No Zoom client id is configured", "enter your team's client id");
    }
    this.#step(waiting());
    if (this.options.signIn === "returns") this.#later(BROWSER, () => this.#return());
    return this.state.account;
  }

  openBrowser(): void {
    if (this.state.account.step?.step !== "waiting_for_browser")
      throw error("usage", "Nothing waits", "connect");
    if (this.options.signIn === "returns") this.#later(BROWSER, () => this.#return());
  }

  cancel(): void {
    this.#clear(null);
  }

  confirm(right: boolean): AccountStatus {
    if (right) this.#claim();
    else this.#clear(null);
    return this.state.account;
  }

  resolveClaim(choice: "move" | "cancel"): AccountStatus {
    if (choice === "move") this.#connect();
    else this.#clear(null);
    return this.state.account;
  }

  disconnect(): void {
    this.#clear(null);
  }

  #return(): void {
    const failure = this.options.error;
    if (failure) return this.#clear(error(failure, "The sign-in did not work", "try again", {}, failure));
    this.#step({ step: "exchanging" });
    this.#later(EXCHANGE, () => {
      const profile_email = this.state.profile?.email ?? "";
      if (profile_email.toLowerCase() === ACCOUNT.email) this.#claim();
      else this.#step({ step: "confirm_account", account: ACCOUNT, profile_email });
    });
  }

  #claim(): void {
    if (this.options.scenario === "claim-conflict") {
      this.#step({ step: "claim_conflict", account: ACCOUNT, holder: HOLDER });
    } else {
      this.#connect();
    }
  }

  #connect(): void {
    this.#set({
      state: "connected",
      account: ACCOUNT,
      since: new Date().toISOString(),
      step: null,
      error: null,
    });
  }

  #step(step: AuthorizationStep): void {
    this.#set({ ...this.state.account, state: "authorizing", step, error: null });
  }

  #clear(problem: AccountStatus["error"]): void {
    clearTimeout(this.#timer);
    this.#set({ state: "disconnected", account: null, since: null, step: null, error: problem });
  }

  #set(status: AccountStatus): void {
    this.state.account = status;
    this.emit({ event: "account_changed" });
  }

  #later(after: number, run: () => void): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(run, after);
  }
}
