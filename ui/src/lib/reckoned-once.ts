/**
 * What is reckoned once for each object, and kept with it. A `WeakMap` says the same, but WebKit walks through all that
 * one holds in every collection, the small ones too: with an entry for each of a hundred thousand recordings that
 * stopped the page for 12 ms each time. A private field lies in the object itself, and no copy of it takes it along.
 */

/** Gives the fields of a class that extends it to an object that is there already. */
class Given {
  constructor(object: object) {
    return object;
  }
}

/** `reckon`, asked once for each object: what it says may only hang on what never changes in it. */
export function reckonedOnce<Of extends object, Value>(reckon: (of: Of) => Value): (of: Of) => Value {
  class With extends Given {
    readonly #value: Value;

    constructor(of: Of) {
      super(of);
      this.#value = reckon(of);
    }

    static reckoned(this: void, of: Of): Value {
      return (#value in of ? of : (new With(of) as With)).#value;
    }
  }
  return With.reckoned;
}
