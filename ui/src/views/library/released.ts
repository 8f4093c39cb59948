/**
 * Lets go of a picture's pixels together with its element. WebKit keeps them until the element itself is collected, and
 * while somebody scrolls past thousands that takes long: a gigabyte of covers was held.
 */
export const released = (picture: HTMLImageElement) => () => picture.removeAttribute("src");
