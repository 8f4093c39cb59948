/**
 * A value that the core owns and the window shows. It is read once it is needed and re-read when an event
 * says that it changed; what is on screen stays until the new value is there, so that nothing jumps.
 */
import type { UserError } from "../types";
import { asUserError } from "../user-error";

export class Resource<T> {
  /** The last value that was read; undefined before the first. */
  value = $state.raw<T | undefined>(undefined);
  /** Why the last reading failed; null when it did not. */
  error = $state.raw<UserError | null>(null);
  /** Whether a reading is under way. */
  loading = $state(false);

  #read: () => Promise<T>;
  #running: Promise<void> | null = null;
  #again = false;

  constructor(read: () => Promise<T>) {
    this.#read = read;
  }

  /** Reads anew. Calls while a reading is under way lead to one more reading, never to two at once. */
  refresh(): Promise<void> {
    if (this.#running) {
      this.#again = true;
      return this.#running;
    }
    this.#running = this.#loop().finally(() => (this.#running = null));
    return this.#running;
  }

  /** Takes a value that an operation has just answered, without reading again. */
  set(value: T): void {
    this.value = value;
    this.error = null;
  }

  async #loop(): Promise<void> {
    this.loading = true;
    do {
      this.#again = false;
      try {
        this.value = await this.#read();
        this.error = null;
      } catch (error) {
        this.error = asUserError(error);
      }
    } while (this.#again);
    this.loading = false;
  }
}
