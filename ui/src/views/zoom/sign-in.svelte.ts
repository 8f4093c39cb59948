/**
 * The questions and answers of connecting Zoom, as the dialogs ask them. The state is the core's; here is only
 * which answer is under way and what went wrong in asking.
 */
import { api } from "$lib/api";
import { account, toasts } from "$lib/state";
import type { AccountStatus } from "$lib/types";

type Asking = "connect" | "browser" | "cancel" | "confirm" | "claim";

class SignIn {
  /** The answer under way. */
  asking = $state<Asking | null>(null);
  /** What was thrown by the last one. */
  problem = $state.raw<unknown>(null);

  connect = () => this.#ask("connect", () => api.connectZoom());
  cancel = () => this.#ask("cancel", () => api.cancelConnect());
  confirm = (right: boolean) => this.#ask("confirm", () => api.confirmAccount(right));
  resolveClaim = (answer: "move" | "cancel") => this.#ask("claim", () => api.resolveClaim(answer));

  openBrowser = () => this.#ask("browser", () => api.openBrowserAgain());

  async #ask(what: Asking, run: () => Promise<AccountStatus | void>): Promise<void> {
    if (this.asking) return;
    this.asking = what;
    this.problem = null;
    try {
      await run();
    } catch (thrown) {
      this.problem = thrown;
      if (what === "cancel" || what === "browser") toasts.error(thrown);
    } finally {
      await account.refresh();
      this.asking = null;
    }
  }
}

export const signIn = new SignIn();
