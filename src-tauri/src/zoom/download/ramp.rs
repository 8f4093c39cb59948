//! How many connections a download is worth, found by trying: more while that clearly helps, fewer when it did not.

use std::time::Duration;

/// No download has more connections.
pub(super) const MOST: usize = 8;
/// Speed is measured for this long.
const WINDOW: Duration = Duration::from_millis(800);
/// What a new connection may take to bring its first bytes before its share is measured.
const PATIENCE: Duration = Duration::from_secs(3);
/// More connections help when all together are faster by this factor.
const CLEARLY: f64 = 1.15;
/// What is here within this time anyway is not worth a trial: it would end before the trial does.
const SOON: Duration = Duration::from_secs(2);

/// What a download should do now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Advice {
    /// Go on as it is.
    Stay,
    /// Have so many connections.
    Be(usize),
}

/// Watches the speed of a download and advises on its connections.
#[derive(Debug, Clone)]
pub(super) struct Ramp {
    lines: usize,
    /// Connections and speed before the last trial.
    before: Option<(usize, f64)>,
    /// Since when, and from which count on, the speed is measured; none until all connections bring something.
    measured: Option<(Duration, u64)>,
    changed: Duration,
    settled: bool,
}

impl Ramp {
    /// For a download that begins on one connection.
    pub(super) fn new() -> Self {
        Self { lines: 1, before: None, measured: None, changed: Duration::ZERO, settled: false }
    }

    /// Connections that the download should have.
    pub(super) fn lines(&self) -> usize {
        self.lines
    }

    /// The server takes no more connections: as many as there are, never more.
    pub(super) fn give_up(&mut self, lines: usize) {
        (self.lines, self.settled) = (lines.max(1), true);
    }

    /// Looks at the counts of bytes: `now` since the download began; `flowing` when all connections bring something.
    pub(super) fn look(&mut self, now: Duration, received: u64, missing: u64, flowing: bool) -> Advice {
        if self.settled {
            return Advice::Stay;
        }
        let Some((since, from)) = self.measured else {
            if flowing || now.saturating_sub(self.changed) >= PATIENCE {
                self.measured = Some((now, received));
            }
            return Advice::Stay;
        };
        let took = now.saturating_sub(since);
        if took < WINDOW {
            return Advice::Stay;
        }
        let speed = received.saturating_sub(from) as f64 / took.as_secs_f64();
        self.measured = None;
        self.changed = now;
        match self.before {
            // The last trial did not help.
            Some((lines, was)) if speed < was * CLEARLY => {
                self.settled = true;
                self.lines = lines;
            }
            _ if self.lines >= MOST => self.settled = true,
            // Measured anew next time: it may become slower.
            _ if missing as f64 <= speed * SOON.as_secs_f64() => {}
            _ => {
                self.before = Some((self.lines, speed));
                self.lines = (self.lines * 2).min(MOST);
            }
        }
        Advice::Be(self.lines)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Lets a download run on a network that gives this speed for so many connections.
    fn after_a_while(speed: impl Fn(usize) -> u64) -> usize {
        let (mut ramp, mut received) = (Ramp::new(), 0);
        for tick in 0..200 {
            received += speed(ramp.lines()) / 10;
            ramp.look(Duration::from_millis(100) * tick, received, u64::MAX, true);
        }
        ramp.lines()
    }

    #[test]
    fn connections_are_added_while_each_brings_its_share() {
        assert_eq!(after_a_while(|lines| lines as u64 * 8_000_000), MOST);
    }

    #[test]
    fn connections_that_do_not_help_are_given_back() {
        assert_eq!(after_a_while(|_| 50_000_000), 1);
        assert_eq!(after_a_while(|lines| lines.min(3) as u64 * 8_000_000), 4);
        assert_eq!(after_a_while(|lines| lines.min(2) as u64 * 8_000_000), 2);
    }

    #[test]
    fn what_is_soon_here_anyway_is_no_trial_worth() {
        let connections = |missing: u64| {
            let mut ramp = Ramp::new();
            for tick in 0..10 {
                let received = u64::from(tick) * 1_000_000;
                ramp.look(Duration::from_millis(100) * tick, received, missing, true);
            }
            ramp.lines()
        };
        assert_eq!(connections(15_000_000), 1);
        assert_eq!(connections(25_000_000), 2);
    }

    #[test]
    fn a_download_that_was_refused_more_stays_with_what_it_has() {
        let mut ramp = Ramp::new();
        ramp.give_up(1);
        for tick in 0..200 {
            assert_eq!(
                ramp.look(Duration::from_millis(100) * tick, u64::from(tick) * 1000, u64::MAX, true),
                Advice::Stay
            );
        }
        assert_eq!(ramp.lines(), 1);
    }
}
