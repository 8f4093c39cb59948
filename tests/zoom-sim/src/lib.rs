//! A stateful Zoom on loopback: OAuth, REST and downloads, with knobs.
