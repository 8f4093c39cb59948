/** What a `Field` tells the control inside it. */
import { getContext, setContext } from "svelte";

export interface FieldContext {
  readonly id: string;
  readonly describedBy: string | undefined;
  readonly invalid: boolean;
}

const KEY = Symbol("field");

export const fieldContext = {
  get: (): FieldContext | undefined => getContext(KEY),
  set: (value: FieldContext): FieldContext => setContext(KEY, value),
};
