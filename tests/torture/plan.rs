//! What is done to the processes, and when: drawn from a seed, so that a run can be had again.

use std::time::Duration;

/// When a process is killed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// So long after its start.
    After(Duration),
    /// So long after it says that an import begins or ends: about when files are moved and manifests written.
    AfterNews(Duration),
}

/// One try to kill.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Blow {
    /// When.
    pub moment: Moment,
    /// Whether a second process works beside the one that is killed.
    pub company: bool,
    /// Whether the second one is killed at once too, or lives on until its own work is done or the next blow.
    pub company_dies: bool,
}

/// An endless series of blows.
pub struct Plan(Dice);

impl Plan {
    /// The plan of this seed.
    pub fn new(seed: u64) -> Self {
        Self(Dice(seed))
    }

    /// The next blow.
    pub fn blow(&mut self) -> Blow {
        let dice = &mut self.0;
        let millis = |dice: &mut Dice, most| Duration::from_millis(dice.below(most));
        let moment = match dice.below(10) {
            // While it starts: folders, databases, the outbox of the last time.
            0 | 1 => Moment::After(millis(dice, 400)),
            2..=5 => Moment::After(millis(dice, 2500)),
            _ => Moment::AfterNews(Duration::from_micros(dice.below(120_000))),
        };
        Blow { moment, company: dice.below(4) == 0, company_dies: dice.below(2) == 0 }
    }
}

/// SplitMix64: small, and the same everywhere and for ever.
pub struct Dice(pub u64);

impl Dice {
    /// A number below `most`.
    pub fn below(&mut self, most: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % most
    }
}

#[test]
fn the_same_seed_makes_the_same_plan() {
    let blows = |seed| {
        std::iter::repeat_with({
            let mut plan = Plan::new(seed);
            move || plan.blow()
        })
    };
    assert!(blows(7).take(50).eq(blows(7).take(50)));
    assert!(!blows(7).take(50).eq(blows(8).take(50)));
}
