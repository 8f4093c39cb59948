//! The stories: given a Zoom that does X, the library ends up with Y.

mod architecture;
