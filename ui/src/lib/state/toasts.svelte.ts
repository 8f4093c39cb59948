/** Short messages at the window's edge: something worked, or an error that belongs to no place on screen. */
import type { UserError } from "../types";
import { asUserError } from "../user-error";

export interface Toast {
  id: number;
  tone: "success" | "info" | "error";
  text: string;
  error?: UserError;
  action?: { label: string; run: () => void };
}

const LIFETIME = 6_000;

class Toasts {
  list = $state<Toast[]>([]);
  #next = 1;

  show(toast: Omit<Toast, "id">): void {
    const id = this.#next++;
    this.list = [...this.list.slice(-2), { ...toast, id }];
    // An error stays until it is put away: somebody may want to read or copy it.
    if (toast.tone !== "error") setTimeout(() => this.dismiss(id), LIFETIME);
  }

  success(text: string, action?: Toast["action"]): void {
    this.show({ tone: "success", text, action });
  }

  /** Shows whatever was thrown. */
  error(thrown: unknown): void {
    const error = asUserError(thrown);
    this.show({ tone: "error", text: error.message, error });
  }

  dismiss(id: number): void {
    this.list = this.list.filter((toast) => toast.id !== id);
  }
}

export const toasts = new Toasts();
