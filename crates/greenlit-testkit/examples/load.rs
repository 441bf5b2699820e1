//! Asks a running `greenlit-issuer serve` for passes, and says how many a second it gave and how long each took.
//!
//! ```sh
//! cargo run --release -p greenlit-testkit --example load -- 127.0.0.1:8443 TOKEN CONNECTIONS SECONDS [PASSES-A-SECOND]
//! ```
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::print_stdout)]

use std::time::Duration;

use greenlit_testkit::load::Load;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (connections, seconds) = (arguments[2].parse().unwrap(), arguments[3].parse().unwrap());
    let rate = arguments.get(4).map(|rate| rate.parse().unwrap());
    let load = Load::run(&arguments[0], &arguments[1], connections, Duration::from_secs(seconds), rate);
    println!(
        "{} issued, {} other answers; {:.0} passes a second; ms: median {:.1}, 95th {:.1}, 99th {:.1}, longest {:.1}",
        load.issued,
        load.others,
        load.passes_a_second,
        load.percentile(50),
        load.percentile(95),
        load.percentile(99),
        load.percentile(100),
    );
}
