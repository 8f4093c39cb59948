/** The present day, for headings such as "Today": it changes at midnight while the window stays open. */
class Today {
  now = $state.raw(new Date());

  constructor() {
    setInterval(() => {
      const now = new Date();
      if (now.toDateString() !== this.now.toDateString()) this.now = now;
    }, 60_000);
  }
}

export const today = new Today();
