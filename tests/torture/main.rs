//! The crash test: real processes, killed by SIGKILL at random instants, lose nothing, double nothing and publish
//! nothing by half. `cargo xtask torture` runs it long, `cargo xtask test` short.
//!
//! `nextctl import --all --wait` imports from a `zoom-sim` process that is slow enough to be interrupted; recordings
//! appear there as the kills go on, so that there is always work. Sometimes two processes work at once. Whenever one
//! was killed, each new manifest is read and every file it names is hashed. At last everything is finished in peace
//! and compared with what was served: see [`verdict::judge`].
//!
//! # What counts as fetched
//! Bytes that the simulator handed to its storage sockets, whether or not the killed process read them. Their send
//! buffers are small, so that few are under way when it dies.
//!
//! # Why sign-in is left alone
//! Access tokens do not run out here. A refresh whose answer is lost signs a person out, as Zoom has it (zoom-facts
//! §1.4); `tests/stories/staying_signed_in.rs` tells that story.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop where it stands")]
#![cfg(unix)]

mod cloud;
mod machine;
mod plan;
mod verdict;

use std::time::{Duration, Instant};

use cloud::Cloud;
use machine::{Fate, Machine};
use plan::{Dice, Plan};
use verdict::{Manifests, judge};

/// How many bytes may be fetched for each that is needed.
const FETCHED: f64 = 1.05;
/// Of each connection, while processes are killed: a recording takes seconds, and outlives a few of them.
const BYTES_PER_SECOND: u64 = 400_000;

/// A number from the environment, where `cargo xtask torture` puts its arguments.
fn number(name: &str, otherwise: u64) -> u64 {
    match std::env::var(name) {
        Ok(text) => text.parse().unwrap_or_else(|_| panic!("{name} is a number, not {text:?}")),
        Err(_) => otherwise,
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes its time and needs the simulator's program: cargo xtask torture"]
async fn killed_at_any_instant_nothing_is_lost_doubled_or_half_published() {
    let kills = number("NEXT_TORTURE_KILLS", 20);
    let recordings = number("NEXT_TORTURE_RECORDINGS", 16);
    let seed = number("NEXT_TORTURE_SEED", rand::random_range(0..1_000_000_000));
    println!("seed {seed}: {kills} kills, {recordings} recordings");

    let began = Instant::now();
    let mut cloud = Cloud::start().await;
    let machine = Machine::connected(&cloud).await;
    cloud.throttle(BYTES_PER_SECOND).await;
    let (mut plan, mut sizes) = (Plan::new(seed), Dice(seed ^ 0x5eed));
    let (mut killed, mut ended, mut pairs) = (0, 0_u64, 0_u64);
    let mut manifests = Manifests::default();
    while killed < kills {
        // Work for this and the next few: spread over all kills, and one more when there was none left.
        let due = 2 + ended + killed * recordings / kills;
        while (cloud.served.len() as u64) < due.min(recordings) {
            cloud.add_recording(cloud.served.len() as u64, &mut sizes).await;
        }
        assert!(
            ended < 3 * kills + 20,
            "{killed} of {kills} kills: the processes end before they can be killed"
        );
        let blow = plan.blow();
        let process = machine.start_import();
        let company = blow.company.then(|| machine.start_import());
        pairs += u64::from(blow.company);
        let mut count = |fate| match fate {
            Fate::Killed => killed += 1,
            Fate::Ended(_) => ended += 1,
        };
        count(tokio::task::block_in_place(|| process.kill_at(blow.moment)));
        if let Some(company) = company {
            // It takes over what the other had in hand, and is killed in its turn.
            let moment = if blow.company_dies { plan::Moment::After(Duration::ZERO) } else { blow.moment };
            count(tokio::task::block_in_place(|| company.kill_at(moment)));
        }
        manifests.look(&machine.teamspace());
        assert!(manifests.broken.is_empty(), "half published: {:#?}", manifests.broken);
        if killed % 20 < 2 {
            println!(
                "  {killed} killed after {} s, {} recordings there",
                began.elapsed().as_secs(),
                manifests.len()
            );
        }
    }

    while (cloud.served.len() as u64) < recordings {
        cloud.add_recording(cloud.served.len() as u64, &mut sizes).await;
    }
    cloud.let_run().await;
    let summary = machine.json(&["import", "--teamspace", "Research", "--all", "--wait"]);
    machine.json(&["teamspace", "refresh", "Research"]);
    let (jobs, listed) = (machine.json(&["jobs"]), machine.json(&["recordings"]));
    let (sent, downloads) = cloud.sent().await;

    let verdict = judge(&machine.teamspace(), &machine.staged(), &cloud.served, &jobs, &listed);
    #[expect(clippy::cast_precision_loss, reason = "a ratio for people")]
    let ratio = sent as f64 / cloud.bytes as f64;
    println!("\nseed                             {seed:>12}");
    println!("recordings served                {:>12}", cloud.served.len());
    println!("kills                            {killed:>12}");
    println!("  with two processes at once     {pairs:>12}");
    println!("processes that ended before      {ended:>12}");
    println!("downloads asked for              {downloads:>12}");
    println!("bytes needed                     {:>12}", cloud.bytes);
    println!("bytes fetched                    {sent:>12}");
    println!("fetched / needed                 {ratio:>12.4}");
    print!("{verdict}");
    println!("seconds                          {:>12}", began.elapsed().as_secs());
    if !verdict.is_clean() || ratio > FETCHED {
        println!("everything is kept in {}", machine.keep().display());
        panic!("the crash test failed with seed {seed}; the last run said {summary}");
    }
}
